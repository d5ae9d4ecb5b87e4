/** The option `views`: what each kind of client may see, compiled. */
import type { ViewRules } from '../../../types/views.ts'
import { Filter } from '../../state/projection/filter.ts'
import { parsePattern } from '../../state/projection/rules.ts'
import type { Rule as SeenRule } from '../../state/projection/rules.ts'
import { describe } from '../describe.ts'
import { FST_JUGGLER_OPTION_INVALID } from '../errors.ts'
import { checkMembers, isObject } from '../option-rules.ts'
import type { Rule } from '../option-rules.ts'

/** Most patterns of one view. */
const maxPatterns = 10_000

const patterns: Rule = {
  test: (value) => Array.isArray(value) && value.length <= maxPatterns,
  expected: `an array of at most ${maxPatterns} patterns`
}
const rules = { allow: patterns, deny: patterns }

export type ViewFilters = ReadonlyMap<string, Filter>

/**
 * Compiles the option. Every fault of it is told now, so that none shows the state to somebody later.
 *
 * @throws FST_JUGGLER_OPTION_INVALID, FST_JUGGLER_OPTION_UNKNOWN
 */
export function compileViews (views: Readonly<Record<string, ViewRules>>): ViewFilters {
  // Views of the same rules are one, and share what is made of it.
  const known = new Map<string, Filter>()
  return new Map(Object.entries(views).map(([key, view]) => {
    const filter = compileView(`views.${key}`, view)
    const text = JSON.stringify([view.allow, view.deny ?? []])
    if (!known.has(text)) known.set(text, filter)
    return [key, known.get(text)!]
  }))
}

function compileView (name: string, view: ViewRules): Filter {
  if (!isObject(view)) throw new FST_JUGGLER_OPTION_INVALID(name, describe(view), 'an object of allow and deny')
  checkMembers(view, rules, `${name}.`)
  const { allow, deny = [] } = view as ViewRules
  if (allow === undefined) throw new FST_JUGGLER_OPTION_INVALID(`${name}.allow`, 'undefined', patterns.expected)
  const rulesOf = (member: string, list: readonly string[], isAllowed: boolean): SeenRule[] => list.map((pattern, i) => {
    const tokens = parsePattern(pattern)
    if (typeof tokens === 'string') throw new FST_JUGGLER_OPTION_INVALID(`${name}.${member}[${i}]`, describe(pattern), tokens)
    return { tokens, allow: isAllowed }
  })
  return new Filter([...rulesOf('allow', allow, true), ...rulesOf('deny', deny, false)], 'hide')
}
