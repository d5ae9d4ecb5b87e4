/** Requests, by the numbers of the reference's observed behaviour; where this protocol says otherwise the title says it. */
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import t from 'tap'
import { gate, implementation, protocolError, response, serve } from '../helpers/conformance/harness.ts'
import type { RawClient } from '../helpers/conformance/raw-client.ts'

t.test('R01 a request is answered, whatever the order of its members and the spaces between them', async (t) => {
  const served = await serve(t, { onRequest: (_peer, name, data) => ({ name, data }) })
  const client = await served.connect()
  client.send('{"type":"request","id":1,"name":"sum","data":[1,2]}')
  t.strictSame(await client.message(), response(1, { name: 'sum', data: [1, 2] }))
  client.send('{ "data" : [ 3 ] ,\t"name" : "sum",\n "id":2 , "type" : "request" }')
  t.strictSame(await client.message(), response(2, { name: 'sum', data: [3] }))
})

t.test('R02 a handler may be synchronous or asynchronous', async (t) => {
  const served = await serve(t, {
    onRequest: (_peer, name) => name === 'now' ? 'now' : Promise.resolve('later')
  })
  const client = await served.connect()
  client.request(1, 'now')
  t.strictSame(await client.message(), response(1, 'now'))
  client.request(2, 'later')
  t.strictSame(await client.message(), response(2, 'later'))
})

t.test('R03 no result is null', async (t) => {
  const served = await serve(t, { onRequest: (_peer, name) => name === 'now' ? undefined : Promise.resolve() })
  const client = await served.connect()
  client.request(1, 'now')
  t.strictSame(await client.message(), response(1, null))
  client.request(2, 'later')
  t.strictSame(await client.message(), response(2, null))
})

t.test('R04 what a handler throws is answered with its message; an error of the protocol with its data', async (t) => {
  const data = { code: 'NOT_FOUND', at: [1] }
  const served = await serve(t, {
    onRequest (_peer, name) {
      if (name === 'throw') throw new Error('the pump is stuck')
      if (name === 'reject') return Promise.reject(new TypeError('no such pump'))
      throw implementation.requestError(data)
    }
  })
  const client = await served.connect()
  client.request(1, 'throw')
  t.strictSame(await client.message(), response(1, 'the pump is stuck', false))
  client.request(2, 'reject')
  t.strictSame(await client.message(), response(2, 'no such pump', false))
  client.request(3, 'data')
  t.strictSame(await client.message(), response(3, data, false))
})

t.test('R05 an error without a message is answered with the empty string', async (t) => {
  const served = await serve(t, { onRequest () { throw new Error() } })
  const client = await served.connect()
  client.request(1, 'x')
  t.strictSame(await client.message(), response(1, '', false))
})

t.test('R06 without a handler the answer says so', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  client.request(1, 'x')
  t.strictSame(await client.message(), response(1, 'request handler not implemented', false))
})

t.test('R07 the empty name echoes without calling a handler, also where there is none', async (t) => {
  const seen: string[] = []
  const served = await serve(t, { onRequest: (_peer, name) => { seen.push(name) } })
  const client = await served.connect()
  client.request(1, '', { a: [1, null] })
  t.strictSame(await client.message(), response(1, { a: [1, null] }))
  t.strictSame(seen, [])

  const bare = await (await serve(t)).connect()
  bare.request('ping', '', 'payload')
  t.strictSame(await bare.message(), response('ping', 'payload'))
})

t.test('R08 one after the other: the next request starts after the response to the one before it', async (t) => {
  const first = gate()
  const events: string[] = []
  const served = await serve(t, {
    async onRequest (_peer, name) {
      events.push(`start ${name}`)
      if (name === 'first') await first.promise
      events.push(`end ${name}`)
      return name
    }
  })
  const client = await served.connect()
  client.request(1, 'first')
  client.request(2, 'second')
  client.request(3, '', 'echo')
  await client.roundTrip()
  t.strictSame(events, ['start first'])
  t.equal(client.pending, 0, 'an echo waits for its turn as well')
  first.open()
  t.strictSame(await client.message(), response(1, 'first'))
  t.strictSame(await client.message(), response(2, 'second'))
  t.strictSame(await client.message(), response(3, 'echo'))
  t.strictSame(events, ['start first', 'end first', 'start second', 'end second'])
})

t.test('R09 at once: answers come as they are ready, and ids may repeat', async (t) => {
  const slow = gate()
  const served = await serve(t, {
    parallelRequests: true,
    async onRequest (_peer, name) {
      if (name === 'slow') await slow.promise
      return name
    }
  })
  const client = await served.connect()
  client.request(1, 'slow')
  client.request(1, 'quick')
  t.strictSame(await client.message(), response(1, 'quick'))
  client.request(1, '', 'echo')
  t.strictSame(await client.message(), response(1, 'echo'))
  slow.open()
  t.strictSame(await client.message(), response(1, 'slow'))
})

t.test('R10 the order holds for each connection by itself', async (t) => {
  const slow = gate()
  const served = await serve(t, {
    async onRequest (_peer, name) {
      if (name === 'slow') await slow.promise
      return name
    }
  })
  const one = await served.connect()
  const other = await served.connect()
  one.request(1, 'slow')
  await one.roundTrip()
  other.request(1, 'quick')
  t.strictSame(await other.message(), response(1, 'quick'))
  slow.open()
  t.strictSame(await one.message(), response(1, 'slow'))
})

t.test('R11 state and notifications flow while a handler runs', async (t) => {
  const slow = gate()
  const served = await serve(t, {
    autoflushDelay: 0,
    async onRequest (peer) {
      peer.state.set('', 'from the handler')
      await slow.promise
      return 'done'
    }
  })
  const client = await served.connect()
  client.request(1, 'x')
  t.strictSame((await client.message()).diff, [{ op: 'replace', path: '', value: 'from the handler' }])
  await served.peer.notify('meanwhile', 1)
  t.strictSame(await client.message(), { type: 'notify', name: 'meanwhile', data: 1 })
  slow.open()
  t.strictSame(await client.message(), response(1, 'done'))
})

t.test('R11 the state that a handler flushed precedes its response', async (t) => {
  const served = await serve(t, {
    autoflushDelay: 60_000,
    async onRequest (peer) {
      peer.state.set('', { speed: 5 })
      await peer.flush()
      return 'done'
    }
  })
  const client = await served.connect()
  client.request(1, 'x')
  t.equal((await client.message()).type, 'state')
  t.strictSame(await client.message(), response(1, 'done'))
})

t.test('R12 the id comes back whatever JSON it is', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  for (const id of [0, -5, 1.5, 1e21, '', 'abc', '1', null, true, [], [1, 'a'], {}, { a: { b: [null] } }]) {
    client.request(id, '', 1)
    t.strictSame(await client.message(), response(id as never, 1), JSON.stringify(id))
  }
})

t.test('R13 extra members and surrounding white space are fine; of duplicate members the last wins', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  client.send(' \t\r\n{"type":"request","id":1,"name":"","data":1,"extra":{"type":"state"}} \n')
  t.strictSame(await client.message(), response(1, 1))
  client.send('{"id":1,"type":"state","id":2,"name":"x","name":"","data":1,"type":"request","data":2}')
  t.strictSame(await client.message(), response(2, 2))
})

for (const name of [null, 0, false, [], {}]) {
  t.test(`R14 a name of ${JSON.stringify(name)} is a protocol error here (the reference takes it for the empty name)`, async (t) => {
    const served = await serve(t)
    const client = await served.connect()
    client.request(1, name)
    t.equal((await client.closed).code, protocolError)
    t.strictSame(await client.rest(), [])
  })
}

for (const name of [1, true, ['x'], { x: 1 }]) {
  t.test(`R15 a name of ${JSON.stringify(name)} is a protocol error here (the reference hands it to the handler)`, async (t) => {
    const seen: unknown[] = []
    const served = await serve(t, { onRequest: (_peer, name) => { seen.push(name) } })
    const client = await served.connect()
    client.request(1, name)
    t.equal((await client.closed).code, protocolError)
    t.strictSame(await client.rest(), [])
    t.strictSame(seen, [])
  })
}

t.test('R16 missing data is null: the stock JavaScript clients leave it out when it is undefined', async (t) => {
  const served = await serve(t, { onRequest: (_peer, _name, data) => data === null })
  const client = await served.connect()
  client.send('{"type":"request","id":1,"name":"x"}')
  t.strictSame(await client.message(), response(1, true))
  client.send('{"type":"request","id":2,"name":""}')
  t.strictSame(await client.message(), response(2, null))
})

t.test('R18 every text and every member survives the round trip', async (t) => {
  const served = await serve(t, { onRequest: (_peer, _name, data) => data })
  const client = await served.connect()
  const texts = ['žćčđš', '日本語', '😀 and 👩‍👩‍👧', '\u2028\u2029', '\u0000\u001f\u007f', '\ud800', 'a\udc00b', '\ufffe\uffff', '"\\/']
  for (const text of texts) {
    const named = Buffer.from(JSON.stringify({ type: 'request', id: text, name: 'x', data: { [text]: text } }))
    client.send(named, { binary: false })
    t.strictSame(await client.message(), response(text, { [text]: text }))
  }
  client.send('{"type":"request","id":1,"name":"","data":{"__proto__":{"a":1},"constructor":2,"":3}}')
  const frame = await client.next()
  t.match(frame, /"__proto__":\{"a":1\}/)
  t.strictSame(Object.entries(JSON.parse(frame).data), [['__proto__', { a: 1 }], ['constructor', 2], ['', 3]])
  t.equal(({} as { a?: number }).a, undefined)
})

t.test('R19 a message of 4 MiB is taken, one over it is closed with 1009', async (t) => {
  const served = await serve(t, { onRequest: (_peer, _name, data) => (data as string).length })
  const client = await served.connect()
  const frame = (size: number) => {
    const empty = '{"type":"request","id":1,"name":"x","data":""}'
    return empty.slice(0, -2) + 'a'.repeat(size - empty.length) + '"}'
  }
  const limit = 4 * 1024 * 1024
  client.send(frame(limit))
  t.equal((await client.message()).success, true)
  client.send(frame(limit + 1))
  t.equal((await client.closed).code, 1009)
  t.strictSame(await client.rest(), [])
})

t.test('R20 a response has no limit', async (t) => {
  const size = 8 * 1024 * 1024
  const served = await serve(t, { onRequest: () => 'x'.repeat(size) })
  const client = await served.connect()
  client.request(1, 'x')
  t.equal((await client.message()).data.length, size)
  t.strictSame(await client.messagesUntilEcho(), [])
})

t.test('B7 a running handler does not keep the server from answering pings', async (t) => {
  const slow = gate()
  const served = await serve(t, { onRequest: () => slow.promise })
  const client = await served.connect()
  client.request(1, 'x')
  await client.roundTrip()
  await client.roundTrip()
  t.equal(client.pending, 0)
  slow.open()
  t.strictSame(await client.message(), response(1, null))
})

t.test('B8 the connection handler is called before a request that came with the handshake', async (t) => {
  const events: string[] = []
  const served = await serve(t, {
    onConnection: () => { events.push('connection') },
    onRequest: () => { events.push('request') }
  })
  const { hostname, port, pathname, host } = new URL(served.url)
  const socket = connectTcp(Number(port), hostname)
  t.teardown(() => socket.destroy())
  const message = Buffer.from('{"type":"request","id":1,"name":"x","data":null}')
  const header = Buffer.from([0x81, 0x80 | message.length, 0, 0, 0, 0]) // one text frame, masked with zeros
  socket.write(Buffer.concat([
    Buffer.from([
      `GET ${pathname} HTTP/1.1`, `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: websocket',
      'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''
    ].join('\r\n')),
    header,
    message
  ]))
  let received = ''
  while (!received.includes('"response"')) received += String((await once(socket, 'data'))[0])
  t.match(received, /^HTTP\/1\.1 101 /)
  t.strictSame(events, ['connection', 'request'])
})

t.test('B13 a result that JSON cannot carry is answered with success: false, and the connection stays', async (t) => {
  const cycle: unknown[] = []
  cycle.push(cycle)
  const results: Record<string, unknown> = { bigint: 1n, cycle, deep: { a: [{ b: 2n }] } }
  const served = await serve(t, {
    onRequest (_peer, name) {
      if (name.startsWith('thrown ')) throw implementation.requestError(results[name.slice(7)] as never)
      return results[name]
    }
  })
  const client = await served.connect()
  const refused = async (client: RawClient, name: string) => {
    client.request(name, name)
    const message = await client.message()
    t.equal(message.success, false, name)
    t.equal(message.id, name)
  }
  for (const name of Object.keys(results)) {
    await refused(client, name)
    await refused(client, `thrown ${name}`)
  }
  t.strictSame(await client.messagesUntilEcho(), [])
})
