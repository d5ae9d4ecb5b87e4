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
  if (framing !== undefined && framing !== 'plain' && framing !== 'segmented' && framing !== 'auto') {
    refuse('framing', framing, "'plain', 'segmented' or 'auto'")
  }
  if (onNotify !== undefined && typeof onNotify !== 'function') refuse('onNotify', onNotify, 'a function')
  if (onError !== undefined && typeof onError !== 'function') refuse('onError', onError, 'a function')
  if (reconnect !== false && (typeof reconnect !== 'object' || reconnect === null)) refuse('reconnect', reconnect, 'false or { minDelay, maxDelay }')
  return {
    ...options,
    maxSegmentSize: number(options, 'maxSegmentSize', 1),
    pingDelay: pingDelay === null ? null : number(options, 'pingDelay', 1),
    pingTimeout: number(options, 'pingTimeout', 1),
    maxPayload: number(options, 'maxPayload', 1),
    reconnect: reconnect && { minDelay: number(reconnect, 'minDelay', 1), maxDelay: number(reconnect, 'maxDelay', 1) }
  }
}

/** An option that is a number, or its default. */
function number (options: object, name: keyof typeof clientDefaults, least: number): number {
  const value = (options as Record<string, unknown>)[name] ?? clientDefaults[name]
  if (typeof value !== 'number' || !(value >= least && value <= longest)) refuse(name, value, `a number from ${least} to ${longest}`)
  return value
}

/** @throws JugglerClientError `JUGGLER_OPTION_INVALID` */
export function refuse (name: string, value: unknown, expected: string): never {
  const shown = typeof value === 'object' || typeof value === 'function' ? typeof value : String(value)
  throw new JugglerClientError('JUGGLER_OPTION_INVALID', `${name} must be ${expected}, not ${value === null ? 'null' : shown}`)
}
