/** What may be seen of a value, found in the slow and literal way: rule by rule, for every place anew. */
import fc from './fast-check.ts'
import { Filter } from '../../lib/state/projection/filter.ts'
import { parsePattern } from '../../lib/state/projection/rules.ts'
import type { Rule } from '../../lib/state/projection/rules.ts'
import type { JsonValue, PathKey } from '../../types/json.ts'
import { pointer } from './edits.ts'

export interface SlowRule { pattern: string, allow: boolean }

const tokensOf = ({ pattern }: SlowRule): string[] => pattern.split('/').slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))

const fits = (token: string | undefined, key: PathKey): boolean => token === '*' || token === `${key}`

/** Whether a rule covers a place. */
const covers = (rule: SlowRule, path: readonly PathKey[]): boolean =>
  tokensOf(rule).length <= path.length && tokensOf(rule).every((token, i) => fits(token, path[i]!))

/** Whether a rule covers places below one, and not that itself. */
const isBelow = (rule: SlowRule, path: readonly PathKey[]): boolean =>
  tokensOf(rule).length > path.length && path.every((key, i) => fits(tokensOf(rule)[i], key))

function isNarrower (rule: SlowRule, other: SlowRule): boolean {
  const narrow = tokensOf(rule)
  const wide = tokensOf(other)
  return wide.length <= narrow.length && wide.every((token, i) => token === '*' || token === narrow[i]) && JSON.stringify(narrow) !== JSON.stringify(wide)
}

const overruled = (denying: SlowRule, rules: readonly SlowRule[]): boolean => rules.some((rule) => rule.allow && isNarrower(rule, denying))

function isVisible (rules: readonly SlowRule[], path: readonly PathKey[]): boolean {
  const covering = rules.filter((rule) => covers(rule, path))
  return covering.some(({ allow }) => allow) && covering.every((rule) => rule.allow || overruled(rule, covering))
}

const isWhole = (rules: readonly SlowRule[], path: readonly PathKey[]): boolean =>
  isVisible(rules, path) && !rules.some((rule) => !rule.allow && isBelow(rule, path))

/** Whether there may be a place below that is visible: one with a name that no rule knows where a rule takes any. */
function mayShowBelow (rules: readonly SlowRule[], path: readonly PathKey[]): boolean {
  return rules.filter((rule) => rule.allow && isBelow(rule, path)).some((rule) => {
    const place = tokensOf(rule).map((token, i) => i < path.length ? path[i]! : token === '*' ? 'a name like no other' : token)
    return isVisible(rules, place)
  })
}

/** @param arrays - `hide`: an array of which a part may be hidden; `show`: it is shown where any part is */
export function slowProjection (value: JsonValue, rules: readonly SlowRule[], arrays: 'hide' | 'show', path: readonly PathKey[] = []): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return isVisible(rules, path) ? value : undefined
  if (Array.isArray(value)) {
    const indexes = ['77', ...rules.flatMap(tokensOf).filter((token) => /^(0|[1-9]\d*)$/.test(token))]
    const elements = indexes.map((index) => [...path, index])
    const isShown = arrays === 'hide'
      ? elements.every((element) => isWhole(rules, element))
      : elements.some((element) => isVisible(rules, element) || mayShowBelow(rules, element))
    return isWhole(rules, path) || isShown ? value : undefined
  }
  if (!isVisible(rules, path) && !mayShowBelow(rules, path)) return undefined
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => {
    const part = slowProjection(member, rules, arrays, [...path, name])
    return part === undefined ? [] : [[name, part]]
  }))
}

export const filterOf = (rules: readonly SlowRule[], arrays: 'hide' | 'show'): Filter =>
  new Filter(rules.map(({ pattern, allow }): Rule => ({ tokens: parsePattern(pattern) as Rule['tokens'], allow })), arrays)

const token = fc.constantFrom('a', 'b', 'c', '*', '*', '0', '-', '', 'ключ', 'constructor', 'a~1b')

export const rule: fc.Arbitrary<SlowRule> = fc.record({
  pattern: fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((each) => `/${each.replaceAll('~1', '~01')}`).join('')),
  allow: fc.boolean()
})

/** Lists of places such as a client asks for. */
export const paths: fc.Arbitrary<SlowRule[]> = fc.array(
  fc.array(fc.constantFrom('a', 'b', 'c', '0', 'constructor'), { minLength: 1, maxLength: 3 }).map((keys) => ({ pattern: pointer(keys), allow: true })), { minLength: 1, maxLength: 4 })

let marks = 0
/** The value with another text in the place of each scalar, which nothing else has. */
export function marked (value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(marked)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, marked(member)]))
  return `mark${++marks}.`
}

export const marksIn = (text: string): string[] => text.match(/mark\d+\./g) ?? []
