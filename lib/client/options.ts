/** The client's options: their defaults, and the check that makes of them what the rest works with. */
import type { ConnectOptions, ReconnectOptions } from '../../types/client.ts'
import { refuse } from '../refuse.ts'

const clientDefaults = {
  maxSegmentSize: 65_536,
  pingDelay: 5000,
  pingTimeout: 5000,
  maxPayload: 268_435_456,
  minDelay: 500,
  maxDelay: 30_000
} as const

type Numbers = typeof clientDefaults

/**
 * Options after the check: every default is filled in, those of `reconnect` as well. A framing that is not set is the
 * one that the address names, or else plain.
 */
export interface Settings extends Omit<ConnectOptions, keyof Numbers>, Omit<Numbers, 'pingDelay'> {
  readonly pingDelay: number | null
  readonly resume: unknown
}

const framings = ['plain', 'segmented', 'auto']

/** The longest time that `setTimeout` knows. With a longer one it fires at once. */
const longest = 2 ** 31 - 1

/**
 * A checked copy of the options.
 *
 * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
 */
export function settingsOf (options?: ConnectOptions): Settings {
  const { framing, reconnect = true } = Object(options) as ConnectOptions
  if (framing && !framings.includes(framing)) refuse('framing', framing, framings.join(' or '))
  const { minDelay, maxDelay, resume = !!reconnect } = Object(reconnect) as ReconnectOptions
  const settings = { ...options, reconnect, minDelay, maxDelay, resume } as Record<string, unknown>
  for (const [name, fallback] of Object.entries(clientDefaults)) {
    if (name === 'pingDelay' && settings[name] === null) continue
    checkInteger(name, settings[name] ??= fallback)
  }
  return settings as unknown as Settings
}

/**
 * Refuses what is no integer of a range; by default that of a time or a size.
 *
 * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
 */
export function checkInteger (name: string, value: unknown, least = 1, most = longest): void {
  if (!(Number.isInteger(value) && value as number >= least && value as number <= most)) {
    refuse(name, value, `an integer from ${least} to ${most}`)
  }
}
