import t from 'tap'
import { Projection } from '../../../lib/state/projection/projection.ts'
import { Projector } from '../../../lib/state/projection/projector.ts'
import type { Source } from '../../../lib/state/source.ts'
import { createState } from '../../../lib/state/state.ts'
import type { JsonValue } from '../../../types/json.ts'
import { filterOf } from '../../helpers/projections.ts'

t.test('only those are told whom a write concerns', async (t) => {
  const state = createState<JsonValue>({ d: { a: { t: 1 }, b: { t: 1 } }, list: [1, 2], s: 1 })
  const store = state as unknown as Source
  const told: string[] = []
  const follow = (name: string, ...patterns: string[]) => {
    const projection = new Projection(store, filterOf(patterns.map((pattern) => ({ pattern, allow: true })), 'show'))
    const { follow } = projection
    projection.follow = (...args) => {
      told.push(name)
      follow.apply(projection, args)
    }
    Projector.of(store).add(projection)
    return projection
  }
  follow('a', '/d/a')
  follow('b', '/d/b', '/s')
  follow('any', '/d/*/t')
  follow('list', '/list/0')
  const after = (change: () => void) => {
    told.length = 0
    change()
    return told.slice().sort().join()
  }
  t.equal(after(() => state.set('/d/a/t', 2)), 'a,any')
  t.equal(after(() => state.set('/d/a/u', 2)), 'a')
  t.equal(after(() => state.set('/d/c', {})), 'any', 'what is written may hold what it shows')
  t.equal(after(() => state.set('/other', {})), '')
  t.equal(after(() => state.set('/d/c/t', 1)), 'any')
  t.equal(after(() => state.remove('/d')), 'a,any,b')
  t.equal(after(() => state.patch([{ op: 'remove', path: '/list/1' }])), 'list')
  t.equal(after(() => state.set('/s', 2)), 'b')
  t.equal(after(() => { t.throws(() => state.patch([{ op: 'replace', path: '/s', value: 3 }, { op: 'remove', path: '/x' }])) }), 'b', 'who looks again is told the same')
})
