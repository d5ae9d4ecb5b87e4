/** Checks the options of a notification. */
import { describe } from '../describe.ts'
import { FST_JUGGLER_ARGUMENT_INVALID } from '../errors.ts'

/**
 * The option `flush`. An option that is misspelled must not be passed over: the notification would overtake the state.
 *
 * @param call - what the options were given to, for the error's text
 * @param others - names of options that the caller reads itself
 * @throws FST_JUGGLER_ARGUMENT_INVALID
 */
export function readFlush (call: string, options: unknown, others: readonly string[] = []): boolean {
  if (options === undefined) return false
  if (typeof options !== 'object' || options === null) {
    throw new FST_JUGGLER_ARGUMENT_INVALID(call, 'an object of options', describe(options))
  }
  const known = [...others, 'flush']
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new FST_JUGGLER_ARGUMENT_INVALID(call, `no options but ${known.map((name) => `'${name}'`).join(' and ')}`, describe(unknown))
  }
  const { flush = false } = options as { flush?: unknown }
  if (typeof flush !== 'boolean') throw new FST_JUGGLER_ARGUMENT_INVALID(call, "a boolean as option 'flush'", describe(flush))
  return flush
}
