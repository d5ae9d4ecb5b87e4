import t from 'tap'
import { startApp } from '../helpers/app.ts'

t.test('handlers are checked', async (t) => {
  const { app } = await startApp(t)
  const { juggler } = app
  juggler.handle('a', () => {})
  juggler.handle('b', {}, () => {})
  juggler.onRequest(() => {})
  t.throws(() => juggler.handle('a', () => {}), { code: 'FST_JUGGLER_HANDLER_DUPLICATE', message: /'a'/ })
  t.throws(() => juggler.onRequest(() => {}), { code: 'FST_JUGGLER_HANDLER_DUPLICATE' })
  t.throws(() => juggler.handle('', () => {}), { code: 'FST_JUGGLER_NAME_RESERVED' })
  t.throws(() => juggler.handle(1 as never, () => {}), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
  t.throws(() => juggler.handle('c', {} as never), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
  t.throws(() => juggler.handle('c', { schemas: {} } as never, () => {}), { code: 'FST_JUGGLER_OPTION_UNKNOWN', message: /'c: schemas'/ })
  t.throws(() => juggler.handle('c', 'options' as never, () => {}), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
  juggler.handle('c', () => {})
  t.throws(() => juggler.onConnection(null as never), { code: 'FST_JUGGLER_ARGUMENT_INVALID' })
  t.throws(() => juggler.broadcast('x', 1n), { code: 'JUGGLER_VALUE_INVALID' })
  for (const options of [null, 'room', { room: 'kitchen' }, { state: undefined }, { state: null }, { state: { n: 1 } }]) {
    t.throws(() => juggler.broadcast('x', 1, options as never), { code: 'FST_JUGGLER_ARGUMENT_INVALID' }, 'it is not for everybody')
  }
  juggler.broadcast('x', 1, {})
})
