import t from 'tap'
import { Journal } from '../../../lib/state/history/journal.ts'
import { Touches } from '../../../lib/state/history/touches.ts'
import { Projection } from '../../../lib/state/projection/projection.ts'
import { Projector } from '../../../lib/state/projection/projector.ts'
import type { Source } from '../../../lib/state/source.ts'
import { createState } from '../../../lib/state/state.ts'
import type { JsonValue, Patch } from '../../../types/json.ts'
import { edit, equalJson, make } from '../../helpers/edits.ts'
import fc from '../../helpers/fast-check.ts'
import { filterOf, marked, marksIn, paths, rule, slowProjection } from '../../helpers/projections.ts'
import { applyStrictly } from '../../helpers/strict-apply.ts'
import type { SlowRule } from '../../helpers/projections.ts'

const copy = (value: unknown): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue

/** A client of a source: what it is sent when it asks, and what it has then. */
class Follower {
  value: JsonValue
  patches = 0
  readonly #source: Source
  #journal = new Journal()
  #base: number
  #old: JsonValue

  constructor (source: Source) {
    this.#source = source
    this.value = this.#old = copy(source.tree.root)
    this.#base = source.revision
    source.tree.touches ??= new Touches(source.revision)
    source.record({
      covers: (keys) => this.#journal.covers(keys),
      record: (keys, before) => { this.#journal.record(keys, before) },
      committed () {},
      undone () {}
    })
  }

  /** Takes what has changed; returns all texts that it was sent. */
  follow (): string {
    const text = JSON.stringify(this.#journal.diff(this.#source.tree.root))
    this.#journal = new Journal()
    this.value = applyStrictly(this.value, JSON.parse(text) as Patch)
    const absolute = this.#source.tree.touches!.textsSince(this.#base, this.#source.tree.root)!.textFor(this.#base)
    const old = applyStrictly(this.#old, JSON.parse(absolute) as Patch)
    if (!equalJson(old, this.value)) throw new Error(`by touches ${JSON.stringify(old)}, by the journal ${JSON.stringify(this.value)}`)
    this.patches++
    return text + absolute + this.#source.stringify()
  }
}

function follows (source: Source, follower: Follower, expected: JsonValue): void {
  const texts = follower.follow()
  const seen = new Set(marksIn(JSON.stringify(expected)))
  const hidden = marksIn(texts).find((mark) => !seen.has(mark))
  if (hidden !== undefined) throw new Error(`${hidden} is in ${texts}, and may not be seen`)
  if (!equalJson(source.tree.root, expected)) throw new Error(`${JSON.stringify(source.tree.root)} is not ${JSON.stringify(expected)}`)
  if (!equalJson(follower.value, expected)) throw new Error(`the client has ${JSON.stringify(follower.value)}, not ${JSON.stringify(expected)}`)
}

function projectionOf (source: Source, rules: SlowRule[], arrays: 'hide' | 'show'): Projection {
  const projection = new Projection(source, filterOf(rules, arrays))
  Projector.of(source).add(projection)
  return projection
}

t.test('what is projected follows what it is made of, and nothing that may not be seen is in any text', async (t) => {
  let patches = 0
  const rules = fc.array(rule, { minLength: 1, maxLength: 5 })
  fc.assert(fc.property(fc.array(rules, { minLength: 1, maxLength: 3 }), paths, fc.array(edit, { minLength: 1, maxLength: 14 }), (views, parts, edits) => {
    const state = createState<JsonValue>(marked({ a: { b: [1, { c: 2 }, 3], '-': 1, c: { a: { b: 1 } } }, b: [{ a: 1 }], c: {} }))
    const store = state as unknown as Source
    const followed = views.map((view) => {
      const projection = projectionOf(store, view, 'hide')
      const narrow = projectionOf(projection, parts, 'show')
      return { view, projection, narrow, follower: new Follower(projection), narrowed: new Follower(narrow) }
    })
    for (const each of edits) {
      // A change that fails leaves everything as it was; who looks at the data makes the next write copy.
      const { picks } = each
      if (picks[5]! % 3 === 0) {
        try {
          state.patch([{ op: 'add', path: '/a', value: marked({ b: 1 }) }, { op: 'add', path: '/c', value: marked([]) }, { op: 'remove', path: '/nothing' }])
        } catch { /* as it is to be */ }
      }
      if (picks[6]! % 3 === 0) void state.data
      make(state, { ...each, value: marked(each.value) })
      // Not after each: then several changes are one patch.
      if (picks[7]! % 2 === 0) continue
      const now = copy(state.data)
      for (const { view, projection, narrow, follower, narrowed } of followed) {
        const expected = slowProjection(now, view, 'hide') ?? null
        follows(projection, follower, expected)
        follows(narrow, narrowed, slowProjection(expected, parts, 'show') ?? null)
        patches += 2
      }
    }
  }), { numRuns: Number(process.env['JUGGLER_RUNS'] ?? 1000) })
  t.ok(patches > 5000, `${patches} patches`)
})

t.test('a projection that is let go follows no more, and the source forgets that there was one', async (t) => {
  const state = createState<JsonValue>({ a: 1, b: 2 })
  const store = state as unknown as Source
  const projector = Projector.of(store)
  const first = projectionOf(store, [{ pattern: '/a', allow: true }], 'hide')
  const second = projectionOf(store, [{ pattern: '/a', allow: true }, { pattern: '/b', allow: true }], 'hide')
  projector.delete(first)
  state.set('/a', 3)
  t.same(first.tree.root, { a: 1 })
  t.same(second.tree.root, { a: 3, b: 2 })
  projector.delete(second)
  state.set('/a', 4)
  t.same(second.tree.root, { a: 3, b: 2 })
  t.same((state as unknown as { tree: { recorders: unknown[] } }).tree.recorders, [])
})

t.test('what is hidden changes without a trace: no revision, no touch, no word', async (t) => {
  const state = createState<JsonValue>({ a: { 1: { pub: 1, priv: 1 } }, k: 1 })
  const store = state as unknown as Source
  const rules = [{ pattern: '/a/*/pub', allow: true }, { pattern: '/k', allow: true }]
  const projection = projectionOf(store, rules, 'hide')
  const narrow = projectionOf(projection, [{ pattern: '/a', allow: true }], 'show')
  let words = 0
  for (const source of [projection, narrow]) {
    source.tree.touches = new Touches(0)
    source.record({ covers: () => true, record () { words++ }, committed () { words++ }, undone () {} })
  }
  state.set('/a/1/priv', 2)
  state.patch([{ op: 'replace', path: '/a/1', value: { pub: 1, priv: 3 } }])
  state.patch([{ op: 'replace', path: '/a', value: { 1: { pub: 1, priv: 4 } } }, { op: 'add', path: '/z', value: 1 }])
  state.patch([{ op: 'replace', path: '', value: { a: { 1: { pub: 1, priv: 5 } }, k: 1 } }])
  t.equal(words, 0)
  t.same([projection.revision, narrow.revision, projection.tree.touches!.size, narrow.tree.touches!.size], [0, 0, 0, 0])
  // and what stands there now is what is followed
  state.set('/a/1/pub', 2)
  t.same(projection.tree.root, { a: { 1: { pub: 2 } }, k: 1 })
  t.same(narrow.tree.root, { a: { 1: { pub: 2 } } })
  t.equal(words, 4)
})
