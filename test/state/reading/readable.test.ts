/** What the state of a server and that of a client have in common. */
import t from 'tap'
import { createReplica } from '../../../lib/state/replica/replica.ts'
import { createState } from '../../../lib/state/state.ts'
import type { JsonValue, Path } from '../../../types/json.ts'
import type { ReadableState } from '../../../types/state.ts'

const value = { a: [1, { b: null }], 0: 'zero', o: { '': 1, 'x/y': 2, '~': 3 } }

const states: Record<string, () => { state: ReadableState, put: (path: string, value: JsonValue) => void }> = {
  'a server\'s': () => {
    const state = createState<JsonValue>(value)
    return { state, put: (path, value) => state.set(path, value) }
  },
  'a client\'s': () => {
    const { state, follow } = createReplica((error) => { throw error })
    follow([{ op: 'replace', path: '', value: structuredClone(value) }])
    return { state, put: (path, value) => follow([{ op: 'replace', path, value }]) }
  }
}

for (const [whose, create] of Object.entries(states)) {
  t.test(`${whose} state: reading`, async (t) => {
    const { state, put } = create()
    const cases: Array<[Path, unknown]> = [
      ['', value], [[], value], ['/a/0', 1], ['/a/-1', { b: null }], [['a', -1], { b: null }], [['a', 1, 'b'], null],
      ['/o/', 1], ['/o/x~1y', 2], ['/o/~0', 3], [['o', 'x/y'], 2], ['/0', 'zero'], [['0'], 'zero'],
      [[0], null], [['a', '0'], null], ['/a/-', null], ['/a/2', null], ['/a/01', null], ['/toString', null], ['/a/length', null], ['/no/such', null]
    ]
    for (const [path, expected] of cases) {
      t.strictSame(state.get(path), expected, JSON.stringify(path))
      t.equal(state.stringify(path), JSON.stringify(expected), `${JSON.stringify(path)} as text`)
    }
    for (const path of ['a', '/~2', [0.5], [-2], 5, null]) {
      for (const read of [() => state.get(path as Path), () => state.stringify(path as Path), () => state.onChange(path as Path, () => {})]) {
        t.throws(read, { name: 'JugglerStateError', code: 'JUGGLER_PATH_INVALID' }, JSON.stringify(path))
      }
    }
    t.equal(state.stringify(), JSON.stringify(value))
    put('/a/0', 2)
    t.equal(state.stringify(), JSON.stringify({ ...value, a: [2, { b: null }] }))
    t.throws(() => { (state.get('/a') as JsonValue[]).push(1) }, TypeError, 'frozen')
  })

  t.test(`${whose} state: watching`, async (t) => {
    const { state, put } = create()
    const heard: unknown[] = []
    const { revision } = state
    state.onChange((change) => heard.push([change.patch, change.revision - revision, change.state === state]))
    const end = state.onChange(['o', 'x/y'], () => heard.push('x/y'))
    put('/o/x~1y', 9)
    put('/a/0', 9)
    end()
    put('/o/x~1y', 8)
    t.same(heard, [
      [[{ op: 'replace', path: '/o/x~1y', value: 9 }], 1, true], 'x/y',
      [[{ op: 'replace', path: '/a/0', value: 9 }], 2, true],
      [[{ op: 'replace', path: '/o/x~1y', value: 8 }], 3, true]
    ])
    // As `useSyncExternalStore` calls it.
    const { onChange } = state
    const stop = onChange(() => heard.push('by itself'))
    put('/a/0', 7)
    stop()
    t.equal(heard.at(-1), 'by itself')
    t.throws(() => state.onChange('/a', 'me' as never), { code: 'JUGGLER_OPTION_INVALID' })
  })

  t.test(`${whose} state: watching the last element`, async (t) => {
    const { state, put } = create()
    const heard: unknown[] = []
    for (const path of ['/a/-1', ['a', -1, 'b'], '/list/-1/-1', '/-10/-1'] satisfies Path[]) state.onChange(path, () => heard.push([path, state.get(path)]))
    put('/a/1/b', 5)
    t.same(heard.splice(0), [['/a/-1', { b: 5 }], [['a', -1, 'b'], 5]])
    put('/a', [{ b: 6 }])
    t.same(heard.splice(0), [['/a/-1', { b: 6 }], [['a', -1, 'b'], 6]])
    put('', { list: [[1]], '-10': [2] })
    t.same(heard.splice(0), [['/a/-1', null], [['a', -1, 'b'], null], ['/list/-1/-1', 1], ['/-10/-1', 2]])
    put('/list/0/0', 3)
    t.same(heard.splice(0), [['/list/-1/-1', 3]])
    put('/-10/0', 4)
    t.same(heard.splice(0), [['/-10/-1', 4]])
  })
}
