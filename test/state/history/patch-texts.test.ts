import t from 'tap'
import { PatchCollector } from '../../../lib/state/history/patch-texts.ts'
import fc from '../../helpers/fast-check.ts'

const named = (name: string | number) => JSON.stringify({ op: 'remove', path: `/${name}` })
const namesIn = (text: string): string[] => (JSON.parse(text) as Array<{ path: string }>).map(({ path }) => path.slice(1))

t.test('the patch for a base has what was touched after it, the latest first', async (t) => {
  const collector = new PatchCollector()
  collector.add(0, 3, named('c'))
  collector.add(0, 1, named('a'))
  collector.add(0, 3, named('d'))
  collector.add(0, 2, named('b'))
  const texts = collector.texts()
  t.equal(texts.textFor(2), '[{"op":"remove","path":"/c"},{"op":"remove","path":"/d"}]')
  t.same(namesIn(texts.textFor(1)), ['c', 'd', 'b'])
  t.same(namesIn(texts.textFor(0)), ['c', 'd', 'b', 'a'])
  t.equal(texts.textFor(3), '[]')
  t.equal(new PatchCollector().texts().textFor(0), '[]')
})

t.test('any operations, any base: those that are for it, each once', async () => {
  const operation = fc.record({ after: fc.nat(6), lasts: fc.integer({ min: 1, max: 6 }) })
  fc.assert(fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
    const collector = new PatchCollector()
    for (const [i, { after, lasts }] of operations.entries()) collector.add(after, after + lasts, named(i))
    const texts = collector.texts()
    for (let base = 0; base < 14; base++) {
      const wanted = [...operations.keys()].filter((i) => operations[i]!.after <= base && base < operations[i]!.after + operations[i]!.lasts)
      const got = namesIn(texts.textFor(base)).map(Number)
      if (JSON.stringify(got.sort((a, b) => a - b)) !== JSON.stringify(wanted)) throw new Error(`${base}: ${got.join()}, not ${wanted.join()}`)
    }
  }))
})
