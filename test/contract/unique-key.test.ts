import t from 'tap'
import { uniqueKey, uniqueKeys } from '../../lib/contract/unique-key.ts'

t.test('keys are like the names, safe and apart', async (t) => {
  const taken = new Set(['b'])
  const names = ['a', 'a', 'b', 'pump/start', 'pump_start', 'ä ö', '', 'constructor', '__proto__']
  t.same(names.map((name) => uniqueKey(name, taken)),
    ['a', 'a_2', 'b_2', 'pump_start', 'pump_start_2', '___', '_', 'constructor_2', '__proto___2'])
  t.ok(taken.has('pump_start_2'))
})

t.test('a name that is a key keeps itself, whatever comes before it', async (t) => {
  const keys = uniqueKeys(['a/b', 'a b', 'a_b', 'a_b_2'])
  t.same([...keys], [['a_b', 'a_b'], ['a_b_2', 'a_b_2'], ['a/b', 'a_b_3'], ['a b', 'a_b_4']])
})
