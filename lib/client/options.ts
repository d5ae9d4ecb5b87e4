/** The client's options: their defaults, and the check that makes of them what the rest works with. */
import type { ConnectOptions, ReconnectOptions } from '../../types/client.ts'
import { JugglerClientError } from '../errors.ts'

export const clientDefaults = Object.freeze({
  maxSegmentSize: 65_536,
  pingDelay: 5000,
  pingTimeout: 5000,
  maxPayload: 268_435_456,
  minDelay: 500,
  maxDelay: 30_000
})

/** Options after the check: every default filled in. An unset framing is the address's, or plain. */
export interface Settings extends Omit<ConnectOptions, 'pingDelay' | 'reconnect'> {
  readonly maxSegmentSize: number
  readonly pingDelay: number | null
  readonly pingTimeout: number
  readonly maxPayload: number
  readonly reconnect: false | Readonly<Required<ReconnectOptions>>
}

/** The longest time that `setTimeout` knows; beyond it fires at once. */
const longest = 2 ** 31 - 1

/**
 * A checked copy of the options.
 *
 * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
 */
export function settingsOf (options: ConnectOptions): Settings {
  const { framing, pingDelay, reconnect = true } = options
  if (framing && !/^(plain|segmented|auto)$/.test(framing)) refuse('framing', framing, "'plain', 'segmented' or 'auto'")
  return {
    ...options,
    ...numbers(options, 'maxSegmentSize', 'pingTimeout', 'maxPayload'),
    pingDelay: pingDelay === null ? null : numbers(options, 'pingDelay').pingDelay,
    reconnect: reconnect && numbers(reconnect, 'minDelay', 'maxDelay')
  }
}

/** Options that are numbers, or their defaults. */
function numbers<N extends keyof typeof clientDefaults> (options: ConnectOptions | ReconnectOptions | true, ...names: N[]): Record<N, number> {
  return Object.fromEntries(names.map((name) => {
    const value = (options as Partial<Record<N, number>>)[name] ?? clientDefaults[name]
    if (!Number.isInteger(value) || value < 1 || value > longest) refuse(name, value, `an integer from 1 to ${longest}`)
    return [name, value]
  })) as Record<N, number>
}

/** @throws JugglerClientError `JUGGLER_OPTION_INVALID` */
export function refuse (name: string, value: unknown, expected: string): never {
  throw new JugglerClientError('JUGGLER_OPTION_INVALID', `${name} must be ${expected}, not ${String(value)}`)
}
