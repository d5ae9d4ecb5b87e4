/** What the checks of options are made of: rules for values, and what is thrown where a value breaks one. */
import { closestName } from './closest-name.ts'
import { describe } from './describe.ts'
import { FST_JUGGLER_OPTION_INVALID, FST_JUGGLER_OPTION_UNKNOWN } from './errors.ts'

export interface Rule {
  readonly test: (value: unknown) => boolean
  /** Ends the sentence "option 'x' is y, expected …". */
  readonly expected: string
  readonly secret?: true
  /** For the entries of an array, so that an error can name the one that is wrong. */
  readonly entry?: Rule
}

/** The longest delay of a timer: beyond, `setTimeout` fires at once. */
export const maxDelay = 2 ** 31 - 1

export const boolean: Rule = { test: (value) => typeof value === 'boolean', expected: 'a boolean' }

export const integer = (min: number, max: number): Rule => ({
  test: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  expected: `an integer from ${min} to ${max}`
})

export const orNull = ({ test, expected }: Rule): Rule => ({
  test: (value) => value === null || test(value),
  expected: `null or ${expected}`
})

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/**
 * Checks the members of an object of options, each by its rule. `undefined` is the same as leaving a member out.
 *
 * @param parent - for the members of an option that is an object: its name and a dot
 * @param passed - names that are somebody else's to check
 * @throws FST_JUGGLER_OPTION_INVALID, FST_JUGGLER_OPTION_UNKNOWN
 */
export function checkMembers (
  given: object, rules: Readonly<Record<string, Rule>>, parent = '', passed: ReadonlySet<string> = new Set()
): void {
  for (const [name, value] of Object.entries(given)) {
    if (passed.has(name)) continue
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) {
      const closest = closestName(name, Object.keys(rules))
      const hint = closest === undefined ? '' : `, did you mean '${parent}${closest}'?`
      throw new FST_JUGGLER_OPTION_UNKNOWN(`${parent}${name}`, hint)
    }
    if (value !== undefined) checkValue(`${parent}${name}`, value, rule)
  }
}

/** @throws FST_JUGGLER_OPTION_INVALID */
function checkValue (name: string, value: unknown, rule: Rule): void {
  if (!rule.test(value)) {
    throw new FST_JUGGLER_OPTION_INVALID(name, rule.secret ? 'not valid' : describe(value), rule.expected)
  }
  const { entry } = rule
  if (entry === undefined || !Array.isArray(value)) return
  for (const [index, item] of value.entries()) checkValue(`${name}[${index}]`, item, entry)
}

/** The members that have a rule and a value. */
export function givenMembers<T extends object> (given: T, rules: object): T {
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== undefined && Object.hasOwn(rules, name))
  ) as T
}
