import t from 'tap'
import { createTeller } from '../../../lib/state/reading/teller.ts'

t.test('everybody hears everything in the order in which it happened, whoever throws', async (t) => {
  const errors: unknown[] = []
  const heard: unknown[] = []
  const { tell } = createTeller((error) => errors.push((error as Error).message))
  const first = (n: number) => { if (n === 1) tell(everybody, [2]) }
  const everybody = [first, () => { throw new Error('thrown') }, async () => { throw new Error('rejected') }, (n: number) => heard.push(n)]
  tell(everybody, [1])
  await new Promise((resolve) => setImmediate(resolve))
  t.same(heard, [1, 2])
  t.same(errors, ['thrown', 'thrown', 'rejected', 'rejected'])
})

t.test('what it is given to report with may throw itself', async (t) => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const { tell } = createTeller(() => { throw new Error('of onError') })
  const heard: unknown[] = []
  tell([() => { throw new Error('of a listener') }, () => heard.push('told')], [])
  tell([() => heard.push('told again')], [])
  t.same(heard, ['told', 'told again'])
  t.match(await warned, { message: 'of onError' })
})

t.test('nor is a promise of it left alone, nor one of another kind', async (t) => {
  const warnings: string[] = []
  const listen = (warning: Error) => warnings.push(warning.message)
  process.on('warning', listen)
  t.teardown(() => process.off('warning', listen))
  const { tell } = createTeller(async () => { throw new Error('of the log server') })
  const errors: unknown[] = []
  const other = createTeller((error) => errors.push(error))
  tell([() => { throw new Error('of a listener') }], [])
  other.tell([() => ({ then: (_done: unknown, failed: (error: string) => void) => failed('of another kind') }), () => 7, () => null], [])
  await new Promise((resolve) => setTimeout(resolve, 10))
  t.same(warnings, ['of the log server'])
  t.same(errors, ['of another kind'])
})
