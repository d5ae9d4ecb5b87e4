import t from 'tap'
import { retirementOf } from '../../lib/server/retirement.ts'

t.test('all of one server begin with the first, and each is waited for by itself', async (t) => {
  const begun: string[] = []
  let finish!: () => void
  const server = {}
  const one = retirementOf(server, async () => { begun.push('one') })
  const two = retirementOf(server, () => { begun.push('two'); return new Promise((resolve) => { finish = resolve }) })
  const other = retirementOf({}, async () => { begun.push('other') })
  await one()
  t.same(begun, ['one', 'two'])
  let over = false
  const second = two().then(() => { over = true })
  await other()
  t.notOk(over)
  finish()
  await second
  t.same(begun, ['one', 'two', 'other'], 'each once')
})
