/** Messages of the protocol from and to text: guards for what comes in, encoders for what goes out. */
import { JugglerStateError } from '../errors.ts'
import { protocolError } from './fault.ts'
import { isUrgent } from './reserved-names.ts'
import type { RequestId, RequestMessage, ServerMessage } from '../../types/protocol.ts'

// Every export is a function without side effects, so that a bundler keeps of this file what the client uses.

/**
 * The JSON object that a message is, with nothing known about its members. Of duplicate members the last wins, and
 * one called `__proto__` is an own member like any other (both are what `JSON.parse` does).
 *
 * @throws ProtocolFault 4400: not JSON, or not an object
 */
export function parseMessage (text: string): Record<string, unknown> {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    throw protocolError(text === '' ? 'the message is empty' : 'the message is not JSON')
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw protocolError('the message is not an object')
  }
  return message as Record<string, unknown>
}

/**
 * What a server takes: a request. A missing `data` is null; members that are not known are left where they are. How deep
 * and wide it is has been looked at by `shapeOf`.
 *
 * @throws ProtocolFault 4400, with a reason that says what is wrong
 */
export function parseRequest (text: string): RequestMessage {
  const message = parseMessage(text)
  if (maybeBeyondRange.test(text) && !allFinite(message)) throw protocolError('a number of the request is beyond the range')
  if (message.type !== 'request') {
    throw protocolError(message.type === 'response' || message.type === 'state' || message.type === 'notify'
      ? `only a server sends messages of type ${message.type}`
      : 'the type of the message is unknown')
  }
  if (message.id === undefined) throw protocolError('the request has no id')
  if (typeof message.name !== 'string') throw protocolError('the name of the request is not a string')
  if (message.data === undefined) message.data = null
  return message as unknown as RequestMessage
}

/** The urgent request that a text is; undefined: it is none, or whatever is wrong with it is for `parseRequest` to say. */
export function parseUrgent (text: string): RequestMessage | undefined {
  try {
    const request = parseRequest(text)
    return isUrgent(request.name) ? request : undefined
  } catch {
    return undefined
  }
}

/**
 * What a client takes: a response, a state patch or a notification. The patch is known to be an array, no more. A
 * missing `data` is null.
 *
 * @throws ProtocolFault 4400. Many clients talk to few servers, so the reason tells less than what `parseRequest` gives
 */
export function parseServerMessage (text: string): ServerMessage {
  let message: Record<string, unknown> | undefined
  try {
    message = JSON.parse(text)
  } catch {}
  const { type, id, success, name, diff } = Object(message) as Record<string, unknown>
  const whole = type === 'state'
    ? Array.isArray(diff)
    : type === 'notify' ? typeof name === 'string' : type === 'response' && id !== undefined && typeof success === 'boolean'
  if (!whole) {
    throw protocolError('no state, response or notification')
  }
  message!.data ??= null
  return message as unknown as ServerMessage
}

/**
 * @param id - called for each text that is made
 * @param data - any JSON value; `undefined` counts as null
 * @returns what makes the text; `members` are further ones, serialised, each with a comma before it
 * @throws JugglerStateError `JUGGLER_VALUE_INVALID`
 */
export function encodeRequest (id: () => number, name: string, data: unknown): (members: string) => string {
  const rest = `"name":${nameToJson(name)},"data":${toJson(data)}`
  return (members) => `{"type":"request","id":${id()},${rest}${members}}`
}

/**
 * @param id - of the request, echoed as it came
 * @param text - the data, serialised already
 * @param members - further ones, serialised, each with a comma before it
 */
export function encodeAnswer (id: RequestId, success: boolean, text: string, members = ''): string {
  return `{"type":"response","id":${stringify(id)},"success":${success},"data":${text}${members}}`
}

/**
 * @param data - any JSON value; `undefined` counts as null
 * @throws JugglerStateError `JUGGLER_VALUE_INVALID`
 */
export function encodeNotify (name: string, data: unknown): string {
  return `{"type":"notify","name":${nameToJson(name)},"data":${stringify(data)}}`
}

/** @param diffJson - the JSON Patch, serialised already */
export function encodeState (diffJson: string): string {
  return `{"type":"state","diff":${diffJson}}`
}

/**
 * What every text with a number beyond the range holds: an exponent of three digits, or 200 digits in a row. Each run of
 * digits is tried once, so that the time stays linear.
 */
const maybeBeyondRange = /\d[eE]\+?\d{3}|(?:^|\D)\d{200}/

/** Whether all numbers of a parsed value are finite: `JSON.parse` makes `1e400` infinite, which would go out as null. */
function allFinite (value: unknown): boolean {
  const rest = [value]
  while (rest.length > 0) {
    const next = rest.pop()
    if (typeof next === 'number' && !Number.isFinite(next)) return false
    if (typeof next === 'object' && next !== null) for (const member of Object.values(next)) rest.push(member)
  }
  return true
}

/**
 * JSON text of a value; `undefined` counts as null. Small scalars, the commonest ids and data, need no serialiser.
 *
 * @throws JugglerStateError `JUGGLER_VALUE_INVALID`
 */
export function stringify (value: unknown): string {
  // -0 becomes "0" either way; what is not finite is left to JSON.stringify, which makes it null
  return typeof value === 'number' && Number.isFinite(value) ? `${value}` : toJson(value)
}

function toJson (value: unknown): string {
  let text: string | undefined
  let cause: unknown = typeof value
  try {
    text = JSON.stringify(value ?? null)
  } catch (error) {
    cause = error
  }
  // a function, a symbol, or an object whose toJSON gives one: JSON.stringify has no text for it
  return text ?? refuse(`the value cannot be carried as JSON: ${cause}`)
}

function nameToJson (name: unknown): string {
  return typeof name === 'string' ? JSON.stringify(name) : refuse('a name must be a string')
}

function refuse (reason: string): never {
  throw new JugglerStateError('JUGGLER_VALUE_INVALID', reason)
}
