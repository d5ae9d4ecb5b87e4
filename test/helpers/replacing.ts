/** The promise of `replace`, which a server's store and a client's replica keep alike. */
import fc from './fast-check.ts'
import type { Test } from 'tap'
import type { JsonValue } from '../../types/json.ts'
import { equalJson, json } from './edits.ts'

interface Replaceable {
  readonly state: { readonly data: unknown }
  replace (value: JsonValue): void
}

/** @param create - makes one of a value that it may keep */
export function testReplace (t: Test, create: (value: JsonValue) => Replaceable): void {
  fc.assert(fc.property(json, json, (before, after) => {
    const store = create(JSON.parse(JSON.stringify(before)) as JsonValue)
    store.replace(JSON.parse(JSON.stringify(after)) as JsonValue)
    if (!equalJson(store.state.data as JsonValue, after)) throw new Error('they differ')
  }), { numRuns: 2000 })
  const store = create({ a: { x: [1, { y: 1 }] }, b: { z: 1 } })
  const { a, b } = store.state.data as Record<string, unknown>
  store.replace({ a: { x: [1, { y: 1 }] }, b: { z: 2 } })
  const now = store.state.data as Record<string, unknown>
  t.equal(now.a, a, 'what is equal is the same reference')
  t.not(now.b, b)
}
