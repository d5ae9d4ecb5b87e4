/** The stock clients' `Connection`, in Node, against this server. */
import { once } from 'node:events'
import fc from '../helpers/fast-check.ts'
import t from 'tap'
import type { JsonValue } from '../../types/json.ts'
import { edit, make } from '../helpers/edits.ts'
import { servePlant } from '../helpers/interop/plant.ts'
import { connectStock, packages } from '../helpers/interop/stock.ts'

const large = 8 * 1024 * 1024

for (const framing of ['plain', 'segmented'] as const) {
  t.test(packages[framing], async (t) => {
    t.test('a state that is null', async (t) => {
      const plant = await servePlant(t, { framing })
      const stock = await connectStock(t, framing, plant.url())
      await plant.flush()
      await stock.settled()
      t.equal(stock.connection.state, null)
      t.strictSame(stock.states, [])
      plant.state.set('', { pumps: [] })
      await plant.flush()
      await stock.settled()
      t.strictSame(stock.connection.state, { pumps: [] })
    })

    t.test('a state that is not null, and its changes', async (t) => {
      const plant = await servePlant(t, { framing, autoflushDelay: 0, initial: { pumps: { 7: { speed: 0 } }, log: [] } })
      const stock = await connectStock(t, framing, plant.url())
      await stock.settled()
      t.strictSame(stock.states, [{ pumps: { 7: { speed: 0 } }, log: [] }])
      plant.state.set('/pumps/7/speed', 1450)
      plant.state.set('/log/-', 'started')
      await stock.settled()
      t.strictSame(stock.states.slice(1), [
        { pumps: { 7: { speed: 1450 } }, log: [] },
        { pumps: { 7: { speed: 1450 } }, log: ['started'] }
      ])
    })

    t.test('a large state', async (t) => {
      const text = 'žmigavac 😀 '.repeat(large / 11)
      const plant = await servePlant(t, { framing, initial: { text, n: 0 } })
      const stock = await connectStock(t, framing, plant.url())
      await plant.flush()
      await stock.settled()
      t.equal((stock.connection.state as { text: string }).text === text, true)
      plant.state.set('/n', 1)
      await plant.flush()
      await stock.settled()
      t.equal((stock.connection.state as { n: number }).n, 1)
    })

    t.test('requests and their errors', async (t) => {
      const plant = await servePlant(t, { framing })
      const { connection } = await connectStock(t, framing, plant.url())
      for (const data of [null, 0, 'text 😀 \u2028', [1, [2]], { a: { b: null } }]) {
        t.strictSame(await connection.send('echo', data), data)
        t.strictSame(await connection.send('', data), data)
      }
      t.equal(await connection.send('nothing', null), null)
      t.equal(await connection.send('echo', undefined as never), null, 'data that is left out')
      t.equal(await connection.send('length', 'x'.repeat(1_000_000)), 1_000_000)
      t.equal((await connection.send('echo', 'y'.repeat(1_000_000)) as string).length, 1_000_000)
      const failure = (name: string, data: JsonValue) => connection.send(name, data).then(() => 'no failure', (error: unknown) => error)
      t.equal(await failure('fail', null), 'the pump is stuck')
      t.strictSame(await failure('reject', { code: 7 }), { code: 7 })
      t.equal(await failure('unknown', null), 'request handler not implemented')
      t.strictSame(await Promise.all([1, 2, 3].map((data) => connection.send('echo', data))), [1, 2, 3])
    })

    t.test('notifications', async (t) => {
      const plant = await servePlant(t, { framing })
      const { connection, notifications, settled } = await connectStock(t, framing, plant.url())
      await connection.send('notify', { level: 2 })
      plant.app.juggler.broadcast('to all', null)
      await settled()
      t.strictSame(notifications, [
        { name: 'note 0', data: { level: 2 } },
        { name: 'note 1', data: { level: 2 } },
        { name: 'note 2', data: { level: 2 } },
        { name: 'to all', data: null }
      ])
    })

    t.test('pings every 10 ms, from both sides, harm nothing', async (t) => {
      const plant = await servePlant(t, { framing, pingDelay: 10, pingTimeout: 10_000 })
      // Each side's ping is traffic that puts the other's off, so that they are asked for one at a time.
      const stock = await connectStock(t, framing, plant.url(), { pingDelay: null })
      if (framing === 'plain') {
        for (let pings = 0; pings < 10; pings++) await once(stock.socket, 'ping')
      } else {
        for (let pings = 0; pings < 10;) if (String((await once(stock.socket, 'message'))[0]) === '2') pings++
        const quiet = await servePlant(t, { framing, pingDelay: null })
        const pinging = await connectStock(t, framing, quiet.url(), { pingDelay: 10 })
        for (let pongs = 0; pongs < 10; pongs++) t.equal(String((await once(pinging.socket, 'message'))[0]), '3')
        t.equal(await pinging.connection.send('echo', 1), 1)
      }
      t.equal(await stock.connection.send('echo', 1), 1)
    })

    t.test('messages that are deflated with the one before them as dictionary', async (t) => {
      const devices = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`device-${i}`, { temp: i, status: 'ok' }]))
      const plant = await servePlant(t, { framing, compression: true, initial: { devices } })
      const stock = await connectStock(t, framing, plant.url())
      await plant.flush()
      await stock.settled()
      t.match(stock.socket.extensions, 'permessage-deflate')
      let text = 0
      stock.socket.on('message', (data: Buffer) => { text += data.length })
      const before = plant.app.juggler.stats().traffic.bytesSent
      for (let tick = 0; tick < 40; tick++) {
        for (let i = 0; i < 20; i++) plant.state.set(`/devices/device-${(tick * 37 + i * 11) % 200}/temp`, tick + i / 10)
        await plant.flush()
      }
      await stock.settled()
      t.strictSame(stock.connection.state, JSON.parse(plant.state.stringify()))
      const sent = plant.app.juggler.stats().traffic.bytesSent - before
      t.ok(sent < text / 8, `${sent} bytes for ${text} of text, where a deflate without memory makes a fifth`)
    })

    t.test('100 random edits of the state, each ending equal', async (t) => {
      const plant = await servePlant(t, { framing, initial: { a: [1, 2, 3], b: { c: 'x' } } })
      const stock = await connectStock(t, framing, plant.url())
      for (const one of fc.sample(edit, 100)) {
        make(plant.state, one)
        await plant.flush()
        await stock.settled()
        const [held, made] = [stock.connection.state as JsonValue, JSON.parse(plant.state.stringify()) as JsonValue]
        if (!same(held, made)) return t.fail('they differ', { held, made, edit: one })
      }
      t.ok(stock.states.length > 30, `${stock.states.length} changes`)
    })

    t.test('a server that stops', async (t) => {
      const plant = await servePlant(t, { framing })
      const { connection } = await connectStock(t, framing, plant.url())
      const closed = once(connection, 'close')
      await plant.app.close()
      await closed
      await t.rejects(connection.send('echo', 1), /connection not open/)
    })
  })
}

t.test('both kinds on one server, one of them with ?framing= in its URL', async (t) => {
  for (const framing of ['plain', 'segmented'] as const) {
    const plant = await servePlant(t, { framing, autoflushDelay: 0, initial: { n: 0 } })
    const plain = await connectStock(t, 'plain', plant.url('?framing=plain'))
    const segmented = await connectStock(t, 'segmented', plant.url('?framing=segmented'))
    for (let n = 1; n <= 5; n++) plant.state.set('/n', n)
    for (const stock of [plain, segmented]) {
      await stock.settled()
      t.strictSame(stock.connection.state, { n: 5 })
      t.equal(await stock.connection.send('echo', 'x'), 'x')
    }
  }
})

t.test('framing: auto serves both kinds without a parameter when they speak first', async (t) => {
  const plant = await servePlant(t, { framing: 'auto', framingTimeout: 60_000, autoflushDelay: 0, initial: { n: 0 } })
  for (const framing of ['plain', 'segmented'] as const) {
    const stock = await connectStock(t, framing, plant.url())
    await stock.settled()
    plant.state.set('/n', framing)
    await stock.settled()
    t.strictSame(stock.connection.state, { n: framing })
  }
})

t.test('framing: auto takes plain for a client that is silent', async (t) => {
  const plant = await servePlant(t, { framing: 'auto', framingTimeout: 20, autoflushDelay: 0, initial: { n: 0 } })
  const stock = await connectStock(t, 'plain', plant.url())
  await once(stock.connection, 'change')
  t.strictSame(stock.connection.state, { n: 0 })
})

t.test('a stock client of the other framing is switched over where nothing was sent to it yet', async (t) => {
  for (const [server, client] of [['plain', 'segmented'], ['segmented', 'plain']] as const) {
    const plant = await servePlant(t, { framing: server, autoflushDelay: 0 })
    const stock = await connectStock(t, client, plant.url())
    t.equal(await stock.connection.send('echo', `${client} to ${server}`), `${client} to ${server}`)
    plant.state.set('', { n: 1 })
    await stock.settled()
    t.strictSame(stock.connection.state, { n: 1 })
  }
})

t.test('a surrogate pair that the stock segmented client cuts is damaged text, and no more', async (t) => {
  const plant = await servePlant(t, { framing: 'segmented' })
  const { connection } = await connectStock(t, 'segmented', plant.url(), { maxSegmentSize: 1 })
  t.equal(await connection.send('echo', 'a😀b'), 'a\ufffd\ufffdb')
  t.equal(await connection.send('echo', 'ž'), 'ž')
})

function same (a: JsonValue, b: JsonValue): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b) || (a === 0 && b === 0)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a, b] as Array<Record<string, JsonValue>>
  const keys = Object.keys(left!)
  return keys.length === Object.keys(right!).length && keys.every((key) => Object.hasOwn(right!, key) && same(left![key]!, right![key]!))
}
