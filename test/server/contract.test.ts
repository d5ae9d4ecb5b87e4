import Fastify from 'fastify'
import t from 'tap'
import { createState } from '../../lib/index.ts'
import { defineContract, typed } from '../../lib/contract/index.ts'
import juggler from '../../lib/index.ts'
import { serveApp } from '../helpers/served.ts'

const contract = defineContract({
  state: { type: 'object', properties: { speed: { type: 'number' } }, required: ['speed'] },
  requests: {
    'pump/set': { data: { type: 'object', properties: { speed: { type: 'number', maximum: 3000 } }, required: ['speed'] }, result: { type: 'number' } },
    plain: { data: typed<string>(), result: typed<string>() }
  },
  notifications: { alarm: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] } }
})

t.test('requests are held to the contract at both ends of the handler', async (t) => {
  const state = createState({ speed: 0 })
  const { peer, app } = await serveApp(t, (app) => {
    const panel = contract.on(app)
    panel.handle('pump/set', (connection, { speed }) => {
      connection.state.set('/speed', speed)
      return speed > 2000 ? 'fast' as never : speed
    })
    panel.handle('plain', { timeout: 1000 }, async (_connection, text) => text.toUpperCase())
    t.equal(panel.state, state as never)
    t.equal(panel.connections, app.juggler.connections as never)
    t.strictSame(panel.createState({ speed: 1 }).data, { speed: 1 })
  }, { state })
  t.match(await peer.next(), { type: 'state' })
  t.match(await peer.ask(1, 'pump/set', { speed: 4000 }), { success: false, data: { code: 'JUGGLER_DATA_INVALID', message: 'data/speed must be <= 3000' } })
  t.match(await peer.ask(2, 'plain', 'x'), { success: true, data: 'X' })
  t.match(await peer.ask(3, 'pump/set', { speed: 2500 }), { success: false, data: { code: 'JUGGLER_RESULT_INVALID' } })
  contract.on(app).broadcast('alarm', { text: 'dry' })
  for (;;) {
    const message = await peer.next()
    if (message.type !== 'notify') continue
    t.match(message, { name: 'alarm', data: { text: 'dry' } })
    break
  }
})

t.test('what the contract lacks, and what has no handler, is an error', async (t) => {
  const app = Fastify()
  await app.register(juggler, { name: 'panel' })
  const panel = contract.on(app, 'panel')
  t.throws(() => panel.handle('pump/sett' as never, () => {}), { code: 'FST_JUGGLER_CONTRACT_UNKNOWN', message: "the contract has no request called 'pump/sett'" })
  t.throws(() => panel.handle('toString' as never, () => {}), { code: 'FST_JUGGLER_CONTRACT_UNKNOWN' })
  t.throws(() => panel.broadcast('alram' as never, {} as never), { code: 'FST_JUGGLER_CONTRACT_UNKNOWN', message: "the contract has no notification called 'alram'" })
  t.throws(() => panel.handle('plain', { schema: {} } as never, () => ''), { code: 'FST_JUGGLER_OPTION_CONFLICT' })
  t.throws(() => contract.on(app), { code: 'JUGGLER_CONTRACT_INVALID' }, 'the decorator has another name')
  panel.handle('plain', () => '')
  await t.rejects(async () => { await app.ready() }, { code: 'FST_JUGGLER_HANDLER_MISSING', message: "the contract has requests without a handler: 'pump/set'" })
  await app.close()
})

t.test('no handler of a contract goes without its checks', async (t) => {
  const x = { requests: { x: { data: { type: 'integer' } }, y: { data: typed<string>() } } } as const
  const one = defineContract(x)
  const same = defineContract(structuredClone(x))
  const other = defineContract({ requests: { x: { data: { type: 'string' } } } })
  const bypassed = { code: 'FST_JUGGLER_CONTRACT_BYPASSED', message: /handler of 'x'/ }
  for (const early of [false, true]) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(juggler)
    if (early) {
      app.juggler.handle('x', () => {})
      t.throws(() => one.on(app), bypassed)
      continue
    }
    const panel = one.on(app)
    t.throws(() => app.juggler.handle('x', () => {}), bypassed)
    t.throws(() => app.juggler.handle('x', { schema: { data: { type: 'string' } } }, () => {}), bypassed)
    app.juggler.handle('y', () => {})
    panel.handle('x', () => {})
    same.on(app)
    t.throws(() => other.on(app), bypassed, 'nor two contracts that disagree')
    await app.ready()
  }
})
