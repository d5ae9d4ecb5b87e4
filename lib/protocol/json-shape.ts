/** Looks over the JSON text of a message before a tree is built of it: how deep and wide it is, and whether it is urgent. */
import * as closeCodes from './close-codes.ts'
import { ProtocolFault, protocolError } from './fault.ts'
import { isUrgent } from './reserved-names.ts'

/** What the tree of a message may be. */
export interface ShapeLimits {
  /** Levels of arrays and objects that a member of the message may have, `data` above all. */
  readonly maxJsonDepth: number
  /** Values and names that a message may hold together. */
  readonly maxJsonElements: number
}

export interface Shape {
  /** Values and names; each array or object counts one more. */
  readonly elements: number
  /** The name of a message that does not wait for handlers, unless it is spelled with escapes; undefined: it is none. */
  readonly urgent: string | undefined
}

/** The least text of a request around a nested id or data. */
const leastRequest = '{"type":"request","id":,"name":""}'.length

/** Up to this length in characters a request is within the limits, whatever it holds, so that it needs no look. */
export const alwaysWithin = ({ maxJsonDepth, maxJsonElements }: ShapeLimits): number =>
  Math.min(maxJsonDepth * 2 + leastRequest, maxJsonElements)

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openArray = 0x5b
const backslash = 0x5c
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/**
 * Walks over the text once, about a nanosecond a character, and builds nothing. Whether the text is JSON at all is left to
 * `JSON.parse`: of what is not, the result means nothing.
 *
 * @throws ProtocolFault 4429: deeper or wider than the limits; 4400 where it is the id that is too deep
 */
export function shapeOf (text: string, { maxJsonDepth, maxJsonElements }: ShapeLimits): Shape {
  let depth = 0
  let elements = 0
  let urgent: string | undefined
  /** Where the last text of the outermost object starts and ends. Before a colon that is a name, else a value. */
  let start = 0
  let end = 0
  let member = ''
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case quote: {
        const opened = i
        for (i++; i < text.length; i++) {
          const code = text.charCodeAt(i)
          if (code === quote) break
          if (code === backslash) i++
        }
        if (depth !== 1) break
        start = opened
        end = i + 1
        if (member === 'name') {
          const name = text.slice(start + 1, end - 1)
          urgent = isUrgent(name) ? name : undefined
        }
        break
      }
      case comma:
        elements++
        if (depth === 1) member = ''
        break
      case colon:
        elements++
        if (depth === 1) member = nameOf(text.slice(start, end))
        break
      case openArray:
      case openObject:
        elements++
        if (++depth <= maxJsonDepth + 1) break
        throw member === 'id'
          ? protocolError('the id of the request is nested too deeply')
          : overLimit('maxJsonDepth', `more than ${maxJsonDepth} levels are nested in the message`)
      case closeArray:
      case closeObject:
        depth--
    }
    if (elements > maxJsonElements) {
      throw overLimit('maxJsonElements', `the message holds more than ${maxJsonElements} values and names`)
    }
  }
  return { elements, urgent }
}

function overLimit (limit: keyof ShapeLimits, reason: string): ProtocolFault {
  const fault = new ProtocolFault(closeCodes.overLimit, reason)
  fault.limit = limit
  return fault
}

/** The name of a member, however it is spelled. Only the short ones matter: `name` in escapes has 26 characters. */
function nameOf (json: string): string {
  if (json.length > 26) return ''
  if (!json.includes('\\')) return json.slice(1, -1)
  try {
    return JSON.parse(json) as string
  } catch {
    return ''
  }
}
