/** The JSON Patch appliers that every patch made here must agree in. */
import fastJsonPatch from 'fast-json-patch'
import { patch as stockPatch } from '@hat-open/util/patch.js'
import { createReplica } from '../../../lib/state/replica/replica.ts'
import { createState } from '../../../lib/state/state.ts'
import type { JsonValue, Patch } from '../../../types/json.ts'

export interface Applier {
  name: string
  /** Applies the patch to a value of its own: the input stays as it is. */
  apply (value: JsonValue, patch: Patch): JsonValue
}

/** Another applier is added here, and every property test runs it. */
export const appliers: readonly Applier[] = [
  {
    name: 'fast-json-patch, validating',
    apply (value, patch) {
      // It goes wrong at bare roots, so the value stands one level down.
      const wrapped = patch.map((operation) => ({
        ...operation,
        path: '/r' + operation.path,
        ...('from' in operation ? { from: '/r' + operation.from } : {})
      })) as Patch
      return fastJsonPatch.applyPatch({ r: structuredClone(value) }, structuredClone(wrapped), true).newDocument.r
    }
  },
  {
    name: '@hat-open/util, which stock clients run',
    apply: (value, patch) => (stockPatch as (patch: unknown, value: unknown) => JsonValue)(structuredClone(patch), value)
  },
  {
    name: 'the replica, which our own clients run',
    apply (value, patch) {
      const replica = createReplica<JsonValue>((error) => { throw error })
      replica.follow([{ op: 'replace', path: '', value: structuredClone(value) }])
      replica.follow(structuredClone(patch))
      return replica.state.data as JsonValue
    }
  },
  {
    name: 'the state that servers own',
    apply (value, patch) {
      const state = createState<JsonValue>(value)
      state.patch(patch)
      return state.data as JsonValue
    }
  }
]
