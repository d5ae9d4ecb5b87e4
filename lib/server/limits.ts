/** The option `limits`: what many peers together, or one of them, may make the server spend. */
import type { Limits } from '../../types/limits.ts'
import { checkMembers, givenMembers, integer, isObject, orNull } from './option-rules.ts'
import type { Rule } from './option-rules.ts'

/** What holds where a limit is left out. */
export const defaultLimits = Object.freeze({
  connections: 50000,
  connectionsPerAddress: null,
  pendingUpgrades: 1000,
  bufferedBytes: 134217728,
  requestsInFlight: 1024,
  requestsPerSecond: null,
  bytesPerSecond: null,
  maxJsonDepth: 64,
  maxJsonElements: 50000,
  maxSegments: 16384,
  pathSets: 1000
} as const satisfies Limits)

/** A limit has its rule here, its default above, its words in types/limits.ts, and its row in docs/options.md. */
const rules: { readonly [K in keyof Required<Limits>]: Rule } = {
  connections: integer(1, Number.MAX_SAFE_INTEGER),
  connectionsPerAddress: orNull(integer(1, Number.MAX_SAFE_INTEGER)),
  pendingUpgrades: integer(1, Number.MAX_SAFE_INTEGER),
  bufferedBytes: integer(1, Number.MAX_SAFE_INTEGER),
  requestsInFlight: integer(1, Number.MAX_SAFE_INTEGER),
  requestsPerSecond: orNull(integer(1, Number.MAX_SAFE_INTEGER)),
  bytesPerSecond: orNull(integer(1, Number.MAX_SAFE_INTEGER)),
  maxJsonDepth: integer(1, 1000),
  maxJsonElements: integer(1, Number.MAX_SAFE_INTEGER),
  maxSegments: integer(1, Number.MAX_SAFE_INTEGER),
  pathSets: integer(1, Number.MAX_SAFE_INTEGER)
}

/** The option as a whole; its members are checked by `readLimits`. */
export const limitsRule: Rule = { test: isObject, expected: `an object of ${Object.keys(rules).join(', ')}` }

/**
 * Checks limits and fills in the defaults, each for itself; the caller's object is only read.
 *
 * @throws FST_JUGGLER_OPTION_INVALID, FST_JUGGLER_OPTION_UNKNOWN
 */
export function readLimits (given: Limits = {}): Readonly<Required<Limits>> {
  checkMembers(given, rules, 'limits.')
  return Object.freeze({ ...defaultLimits, ...givenMembers(given, rules) })
}
