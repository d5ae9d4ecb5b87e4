import fc from '../../helpers/fast-check.ts'
import jsonpatch from 'fast-json-patch'
import t from 'tap'
import { Journal } from '../../../lib/state/history/journal.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'
import type { JsonValue } from '../../../types/json.ts'
import { edit, json, make, places } from '../../helpers/edits.ts'
import { recordingIn } from '../../helpers/server/recording.ts'

type Operation = Parameters<typeof jsonpatch.applyPatch>[1][number]

/** What a client would hold that was at `base` and applies the journal's diff as it goes over the wire. */
function applied (base: string, journal: Journal, root: JsonValue): JsonValue {
  const patch = JSON.parse(JSON.stringify(journal.diff(root))) as Operation[]
  return jsonpatch.applyPatch({ r: JSON.parse(base) as JsonValue }, patch.map((op) => {
    const moved = { ...op, path: `/r${op.path}` } as Operation & { from?: string }
    if (moved.from !== undefined) moved.from = `/r${moved.from}`
    return moved
  }), true).newDocument.r
}

t.test('whatever is done, in however many windows, every journal leads from its base to now', async (t) => {
  fc.assert(fc.property(json, fc.array(fc.record({ edit, act: fc.nat(9) }), { minLength: 1, maxLength: 14 }), (initial, steps) => {
    const state = createState<JsonValue>(initial)
    const store = state as unknown as Store
    const chain: Array<{ base: string, journal: Journal }> = []
    let recording = new Journal()
    const begin = () => {
      recording = new Journal()
      chain.push({ base: state.stringify(), journal: recording })
    }
    begin()
    store.record(recordingIn(() => recording))
    const snapshots: Array<[unknown, string]> = []
    for (const { edit, act } of steps) {
      if (act === 0) begin()
      if (act === 1) snapshots.push([state.data, state.stringify()])
      if (act === 2) {
        const all = places(JSON.parse(state.stringify()) as JsonValue)
        const { path } = all[edit.picks[5]! % all.length]!
        snapshots.push([state.get(path), state.stringify(path)])
      }
      make(state, edit)
    }
    const now = state.stringify()
    const root = store.tree.root
    // Each journal of the chain, merged with all that follow, as for a client that missed as many windows.
    for (let i = 0; i < chain.length; i++) {
      const merged = chain[i]!.journal.copy()
      for (const later of chain.slice(i + 1)) merged.absorb(later.journal.copy())
      if (JSON.stringify(canonical(applied(chain[i]!.base, merged, root))) !== JSON.stringify(canonical(JSON.parse(now) as JsonValue))) {
        throw new Error(`journal ${i} of ${chain.length}: ${chain[i]!.base} became ${JSON.stringify(applied(chain[i]!.base, merged, root))}, not ${now}`)
      }
    }
    for (const [snapshot, text] of snapshots) {
      if (JSON.stringify(snapshot) !== text) throw new Error(`a snapshot changed from ${text} to ${JSON.stringify(snapshot)}`)
    }
  }), { numRuns: 6000 })
  t.pass('held')
})

t.test('what comes back to what it was is no difference', async (t) => {
  const state = createState<JsonValue>({ a: { b: 1, c: [1, { d: 2 }] } })
  const store = state as unknown as Store
  const journal = new Journal()
  store.record(recordingIn(() => journal))
  state.set('/a/b', 2)
  state.set('/a/b', 1)
  state.remove('/a/c/0')
  state.patch([{ op: 'add', path: '/a/c/0', value: 1 }])
  state.set('/x', 1)
  state.remove('/x')
  t.same(journal.diff(store.tree.root), [])
})

function canonical (value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, child]) => [key, canonical(child)]))
}
