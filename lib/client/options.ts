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
  const { framing, pingDelay, reconnect = {}, onNotify, onError } = options
  if (![undefined, 'plain', 'segmented', 'auto'].includes(framing)) refuse('framing', framing, "'plain', 'segmented' or 'auto'")
  for (const [name, listener] of Object.entries({ onNotify, onError })) {
    if (listener !== undefined && typeof listener !== 'function') refuse(name, listener, 'a function')
  }
  if (reconnect !== false && Object(reconnect) !== reconnect) refuse('reconnect', reconnect, 'false or { minDelay, maxDelay }')
  return {
    ...options,
    maxSegmentSize: number(options, 'maxSegmentSize'),
    pingDelay: pingDelay === null ? null : number(options, 'pingDelay'),
    pingTimeout: number(options, 'pingTimeout'),
    maxPayload: number(options, 'maxPayload'),
    reconnect: reconnect && { minDelay: number(reconnect, 'minDelay'), maxDelay: number(reconnect, 'maxDelay') }
  }
}

/** An option that is a number, or its default. */
function number (options: object, name: keyof typeof clientDefaults): number {
  const value = (options as Record<string, unknown>)[name] ?? clientDefaults[name]
  if (!Number.isInteger(value) || value as number < 1 || value as number > longest) refuse(name, value, `an integer from 1 to ${longest}`)
  return value as number
}

/** @throws JugglerClientError `JUGGLER_OPTION_INVALID` */
export function refuse (name: string, value: unknown, expected: string): never {
  throw new JugglerClientError('JUGGLER_OPTION_INVALID', `${name} must be ${expected}, not ${String(value)}`)
}
