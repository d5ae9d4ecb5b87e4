/** Messages of the protocol from and to text: guards for what comes in, encoders for what goes out. */
import { JugglerStateError } from '../errors.ts'
import { closeCodes } from './close-codes.ts'
import { ProtocolFault } from './fault.ts'
import type { RequestId, RequestMessage, ServerMessage } from '../../types/protocol.ts'

// Every export is a function without side effects, so that a bundler keeps of this file what the client uses.

const fault = (reason: string) => new ProtocolFault(closeCodes.protocolError, reason)

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
    throw fault(text === '' ? 'the message is empty' : 'the message is not JSON')
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw fault('the message is not an object')
  }
  return message as Record<string, unknown>
}

/**
 * What a server takes: a request. A missing `data` is null; members that are not known are left where they are.
 *
 * @throws ProtocolFault 4400, with a reason that says what is wrong
 */
export function parseRequest (text: string): RequestMessage {
  const message = parseMessage(text)
  if (maybeBeyondRange.test(text) && !allFinite(message)) throw fault('a number of the request is beyond the range')
  if (message.type !== 'request') {
    throw fault(message.type === 'response' || message.type === 'state' || message.type === 'notify'
      ? `only a server sends messages of type ${message.type}`
      : 'the type of the message is unknown')
  }
  if (message.id === undefined) throw fault('the request has no id')
  if (isDeep(message.id)) throw fault('the id of the request is nested too deeply')
  if (typeof message.name !== 'string') throw fault('the name of the request is not a string')
  if (message.data === undefined) message.data = null
  return message as unknown as RequestMessage
}

/**
 * What a client takes: a response, a state patch or a notification. The patch is known to be an array, no more. A
 * missing `data` is null.
 *
 * @throws ProtocolFault 4400, with a reason that says what is wrong
 */
export function parseServerMessage (text: string): ServerMessage {
  const message = parseMessage(text)
  switch (message.type) {
    case 'state':
      if (!Array.isArray(message.diff)) throw fault('the diff of the state is not an array')
      return message as unknown as ServerMessage
    case 'response':
      if (message.id === undefined) throw fault('the response has no id')
      if (typeof message.success !== 'boolean') throw fault('the success of the response is not a boolean')
      break
    case 'notify':
      if (typeof message.name !== 'string') throw fault('the name of the notification is not a string')
      break
    case 'request':
      throw fault('only a client sends messages of type request')
    default:
      throw fault('the type of the message is unknown')
  }
  if (message.data === undefined) message.data = null
  return message as unknown as ServerMessage
}

/**
 * @param data - any JSON value; `undefined` counts as null
 * @throws JugglerStateError `JUGGLER_VALUE_INVALID`
 */
export function encodeRequest (id: RequestId, name: string, data: unknown): string {
  return `{"type":"request","id":${stringify(id)},"name":${stringifyName(name)},"data":${stringify(data)}}`
}

/**
 * @param id - of the request, echoed as it came
 * @param data - any JSON value; `undefined` counts as null
 * @throws JugglerStateError `JUGGLER_VALUE_INVALID`
 */
export function encodeResponse (id: RequestId, success: boolean, data: unknown): string {
  return `{"type":"response","id":${stringify(id)},"success":${success},"data":${stringify(data)}}`
}

/**
 * @param data - any JSON value; `undefined` counts as null
 * @throws JugglerStateError `JUGGLER_VALUE_INVALID`
 */
export function encodeNotify (name: string, data: unknown): string {
  return `{"type":"notify","name":${stringifyName(name)},"data":${stringify(data)}}`
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
 * Levels that an id may have. `JSON.parse` takes any number of them, but what goes back has to pass `JSON.stringify`,
 * which runs out of stack somewhere beyond 1,000.
 */
const maxIdDepth = 100

function isDeep (id: unknown): boolean {
  let level = [id]
  for (let depth = 0; depth <= maxIdDepth; depth++) {
    level = level.flatMap((value) => typeof value === 'object' && value !== null ? Object.values(value) : [])
    if (level.length === 0) return false
  }
  return true
}

/** JSON text of a value. Small scalars, the commonest ids and data, need no serialiser. */
function stringify (value: unknown): string {
  if (value === undefined || value === null) return 'null'
  // -0 becomes "0" either way; what is not finite is left to JSON.stringify, which makes it null
  if (typeof value === 'number' && Number.isFinite(value)) return `${value}`
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    throw new JugglerStateError('JUGGLER_VALUE_INVALID', `the value cannot be carried as JSON: ${error instanceof Error ? error.message : 'it does not serialise'}`)
  }
  // a function, a symbol, or an object whose toJSON gives one: JSON.stringify has no text for it
  if (text === undefined) throw new JugglerStateError('JUGGLER_VALUE_INVALID', `a ${typeof value} cannot be carried as JSON`)
  return text
}

function stringifyName (name: string): string {
  if (typeof name !== 'string') throw new JugglerStateError('JUGGLER_VALUE_INVALID', `a name must be a string, not ${name === null ? 'null' : typeof name}`)
  return JSON.stringify(name)
}
