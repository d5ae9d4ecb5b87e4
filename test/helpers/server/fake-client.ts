/** A client without a network, for the tests of what is sent to whom. */
import jsonpatch from 'fast-json-patch'
import type { Subscriber } from '../../../lib/server/sync/member.ts'
import type { EncodedMessage } from '../../../lib/server/wire/encoded-message.ts'
import type { JsonValue, Patch } from '../../../types/json.ts'

/** It applies what it is sent, as a stock client does. */
export class FakeClient implements Subscriber {
  writable = true
  isPlaced = false
  frames: EncodedMessage[] = []
  value: JsonValue = null

  writeState (frame: EncodedMessage): void {
    if (!this.writable) throw new Error('written to while not writable')
    this.frames.push(frame)
    const { type, diff } = JSON.parse(frame.text) as { type: string, diff: Patch }
    if (type !== 'state') throw new Error(`a ${type}`)
    const ops = diff.map((op) => 'from' in op ? { ...op, path: `/r${op.path}`, from: `/r${op.from}` } : { ...op, path: `/r${op.path}` })
    this.value = jsonpatch.applyPatch({ r: this.value }, ops as Parameters<typeof jsonpatch.applyPatch>[1], true).newDocument.r
  }

  failure: unknown

  stateFailed (error: unknown): void {
    this.failure = error
  }

  get diffs (): Patch[] {
    return this.frames.map((frame) => (JSON.parse(frame.text) as { diff: Patch }).diff)
  }
}

/** A value's text with the members of every object in one order. */
export function canonical (value: JsonValue): string {
  return JSON.stringify(value, (_key, child: JsonValue) => typeof child === 'object' && child !== null && !Array.isArray(child)
    ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => a < b ? -1 : 1))
    : child)
}
