import t from 'tap'
import { filterOf } from '../../helpers/projections.ts'

const rules = (...patterns: string[]) => patterns.map((pattern) => ({ pattern: pattern.replace('!', ''), allow: !pattern.startsWith('!') }))
const of = (...patterns: string[]) => filterOf(rules(...patterns), 'hide')

t.test('what may be seen of a place, and of all below it', async (t) => {
  const filter = of('/a', '!/a/*/secret', '/b/*/name')
  t.ok(filter.reach(['a', 'x', 'other']).isWhole)
  t.notOk(filter.allows(['a']))
  t.notOk(filter.allows(['a', 'x']))
  t.ok(filter.reach(['a', 'x']).isVisible)
  t.ok(filter.reach(['a', 'x', 'secret']).isNothing)
  t.ok(filter.reach(['c']).isNothing)
  t.notOk(filter.reach(['b', 'x']).isVisible)
  t.notOk(filter.reach(['b', 'x']).isNothing, 'it is on the way')
  t.ok(filter.allows(['b', 'x', 'name']))
})

t.test('what is on the way to nothing is nothing', async (t) => {
  t.ok(of('/u/*/n', '!/u/*', '!/u/bob/n').reach(['u', 'bob']).isNothing)
  t.notOk(of('/u/*/n', '!/u/*', '!/u/bob/n').reach(['u', 'ann']).isNothing)
  t.ok(of('/s/*/x', '!/s/k/*').reach(['s', 'k']).isNothing)
  t.ok(of('/a', '!/a').start.isNothing)
})

t.test('only what rules name has to be looked at, where that is so', async (t) => {
  t.same([...of('/a', '/b/c').start.onlyNames!], ['a', 'b'])
  t.equal(of('/a', '/*/c').start.onlyNames, undefined)
  t.equal(of('').start.onlyNames, undefined)
})

t.test('arrays', async (t) => {
  t.ok(of('/a').reach(['a']).showsArrays)
  t.ok(of('/a', '!/a/secret').reach(['a']).showsArrays, 'no element has that name')
  t.notOk(of('/a', '!/a/3').reach(['a']).showsArrays)
  t.notOk(of('/a', '!/a/*/x').reach(['a']).showsArrays)
  t.ok(of('/a/*').reach(['a']).showsArrays)
  const asked = filterOf(rules('/a/0/x'), 'show')
  t.ok(asked.reach(['a']).showsArrays)
  t.notOk(filterOf(rules('/a/name'), 'show').reach(['a']).showsArrays)
})

t.test('ten thousand rules are sorted once', async (t) => {
  const filter = filterOf(Array.from({ length: 10_000 }, (_, i) => ({ pattern: `/devices/d${i}`, allow: true })), 'show')
  const before = process.cpuUsage()
  for (let i = 0; i < 10_000; i++) if (!filter.allows(['devices', `d${i}`])) t.fail(`d${i}`)
  t.ok(process.cpuUsage(before).user < 2_000_000, 'and not for each name anew')
})
