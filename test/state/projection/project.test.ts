import t from 'tap'
import { project } from '../../../lib/state/projection/project.ts'
import type { JsonValue } from '../../../types/json.ts'
import { filterOf } from '../../helpers/projections.ts'

const { start } = filterOf([{ pattern: '/a', allow: true }, { pattern: '/list', allow: true }, { pattern: '/list/*/x', allow: false }, { pattern: '/m/*/n', allow: true }], 'hide')

t.test('what may be seen is shared, the way to it is copied, arrays are whole', async (t) => {
  const value = { a: { b: [1] }, list: [{ x: 1 }], m: { k: { n: 1, o: 2 }, l: 5 }, z: 1 }
  const places: string[] = []
  const seen = project(value, start, ['root'], (place) => { places.push(place.join('.')) }) as typeof value
  t.same(seen, { a: { b: [1] }, m: { k: { n: 1 } } })
  t.equal(seen.a, value.a)
  t.same(places, ['root.list'])
  t.equal(project(5, start, []), undefined)
})

t.test('a member __proto__ is never seen', async (t) => {
  const seen = project(JSON.parse('{"m":{"__proto__":{"n":1},"k":{"n":2}}}') as JsonValue, start, []) as { m: object }
  t.same(Object.keys(seen.m), ['k'])
  t.equal(Object.getPrototypeOf(seen.m), Object.prototype)
})
