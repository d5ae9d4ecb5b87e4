/** The states that a server had, and what may be said of one that a client shows. */
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import type { Store } from '../../lib/state/store/store.ts'

/** A number for each JSON value, whatever the order of its members. */
export function fingerprint (value: JsonValue): number {
  if (value === null) return 0x2545f491
  if (typeof value === 'string') return textPrint(value, 0x811c9dc5)
  if (typeof value === 'number') return textPrint(String(value), 0x51ed270b)
  if (typeof value === 'boolean') return value ? 0x1b873593 : 0x38495ab5
  if (Array.isArray(value)) {
    let sum = 0x7feb352d
    for (const element of value) sum = mix(Math.imul(sum, 31) + fingerprint(element))
    return sum
  }
  let sum = 0x68bc21eb
  for (const key of Object.keys(value)) sum = (sum + mix(textPrint(key, 0x9e3779b1) ^ Math.imul(fingerprint(value[key]!), 0x85ebca6b))) | 0
  return mix(sum)
}

function textPrint (text: string, start: number): number {
  let sum = start
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193)
  return mix(sum)
}

function mix (sum: number): number {
  sum = Math.imul(sum ^ (sum >>> 16), 0x7feb352d)
  sum = Math.imul(sum ^ (sum >>> 15), 0x846ca68b)
  return sum ^ (sum >>> 16)
}

export class History {
  readonly state: State<JsonValue>
  /** Of each state in turn, without repetitions. */
  readonly prints: number[]
  readonly end: () => void

  /** @param see - what is seen of it */
  constructor (state: State<JsonValue>, see: (value: JsonValue) => JsonValue = (value) => value) {
    this.state = state
    const { tree } = state as unknown as Store
    this.prints = [fingerprint(see(tree.root))]
    // Not a listener: with one the state does more than without.
    this.end = (state as unknown as Store).record({
      covers: () => true,
      record () {},
      undone () {},
      committed: () => {
        const print = fingerprint(see(tree.root))
        if (print !== this.now) this.prints.push(print)
      }
    })
  }

  get now (): number {
    return this.prints[this.prints.length - 1]!
  }

  get last (): number {
    return this.prints.length - 1
  }

  /** Where a state was, at a place or after it; -1: nowhere. */
  find (print: number, from: number): number {
    return this.prints.indexOf(print, from)
  }
}
