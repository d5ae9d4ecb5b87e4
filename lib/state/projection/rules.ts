/** Rules of what is visible: patterns of places, each allowed or denied, and which of them win. */
import { parsePointer } from '../../json/pointer.ts'

/** Stands for any key of one level. */
export const anyKey = Symbol('any key')

export type Token = string | typeof anyKey

/** Says of the places that a pattern covers, and of all below them, whether they may be seen. */
export interface Rule {
  readonly tokens: readonly Token[]
  readonly allow: boolean
}

/** Longest pattern, in keys. */
export const maxPatternKeys = 64

/**
 * The tokens of a pattern: a JSON Pointer in which `*` is any key of one level, and `**` at the end any rest, none
 * included. A pattern covers what is below its place as well, so that the `**` only says so.
 *
 * @returns what is wrong with it, where it is no pattern or covers no place that a state can have
 */
export function parsePattern (pattern: unknown): readonly Token[] | string {
  const keys = typeof pattern === 'string' ? parsePointer(pattern) : undefined
  if (keys === undefined) return "a JSON Pointer such as '/pumps/*/speed', or '/**' for everything"
  if (keys.at(-1) === '**') keys.pop()
  if (keys.includes('**')) return "a pattern with '**' at its end only"
  if (keys.includes('__proto__')) return "a pattern without '__proto__', which no state has"
  if (keys.length > maxPatternKeys) return `a pattern of at most ${maxPatternKeys} keys`
  return keys.map((key) => key === '*' ? anyKey : key)
}

/** Whether a rule covers strictly less than another: everything it covers the other does as well, and not the reverse. */
export function isNarrower ({ tokens }: Rule, other: Rule): boolean {
  const wider = other.tokens
  if (wider.length > tokens.length) return false
  let strictly = tokens.length > wider.length
  for (let i = 0; i < wider.length; i++) {
    if (wider[i] === tokens[i]) continue
    if (wider[i] !== anyKey) return false
    strictly = true
  }
  return strictly
}

/**
 * Whether a place may be seen that these rules cover. Nothing may that no rule allows. A rule that denies stands unless
 * one that allows covers strictly less: of two rules of which neither is the narrower, the one that denies wins.
 */
export function isVisible (rules: readonly Rule[]): boolean {
  const allowing = rules.filter(({ allow }) => allow)
  return allowing.length > 0 && rules.every((rule) => rule.allow || allowing.some((other) => isNarrower(other, rule)))
}
