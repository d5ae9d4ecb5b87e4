/** Malformed input: the connection is closed with a code and a reason, nothing is answered, and nobody else notices. */
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { gate, protocolError, response, serve } from '../helpers/conformance/harness.ts'

const secret = 'payload that must not be logged'

// Each frame follows an answered request, so that the framing is known and no frame can be taken for the other one's.
const frames: Array<[title: string, frame: string | Buffer]> = [
  ['M01 not JSON', `${secret}`],
  ['M01 JSON that is cut off', `{"type":"request","id":1,"name":"${secret}`],
  ['M01 JSON followed by more', `{"type":"request","id":1,"name":"","data":"${secret}"}{}`],
  ['M02 empty', ''],
  ['M02 white space only', ' \n\t'],
  ['M03 an array', `["request", "${secret}"]`],
  ['M04 a number', '42'],
  ['M05 null', 'null'],
  ['M06 a string', `"${secret}"`],
  ['M07 {}', '{}'],
  ['M08 an unknown type', `{"type":"${secret}","id":1,"name":"","data":null}`],
  ['M08 no type', '{"id":1,"name":"","data":null}'],
  ['M08 a type that is an inherited name', '{"type":"constructor","id":1,"name":"","data":null}'],
  ['M08 a type that is not a string', '{"type":["request"],"id":1,"name":"","data":null}'],
  ['M09 a type that only servers send: response', `{"type":"response","id":1,"success":true,"data":"${secret}"}`],
  ['M09 a type that only servers send: state', '{"type":"state","diff":[]}'],
  ['M09 a type that only servers send: notify', `{"type":"notify","name":"x","data":"${secret}"}`],
  ['M10 binary', Buffer.from('{"type":"request","id":1,"name":"","data":null}')],
  ['M11 no id', `{"type":"request","name":"","data":"${secret}"}`],
  ['M12 no name', `{"type":"request","id":1,"data":"${secret}"}`],
  ['M13 a byte order mark', '\ufeff{"type":"request","id":1,"name":"","data":null}'],
  ['M14 a bare NaN', '{"type":"request","id":1,"name":"","data":NaN}'],
  ['M14 a number beyond the range', '{"type":"request","id":1,"name":"","data":[1e400]}'],
  ['M14 a number beyond the range, negative, as the id', '{"type":"request","id":-1e400,"name":"","data":null}']
]

for (const [title, frame] of frames) {
  t.test(`${title}: closed, not answered, one log line, M15 others go on`, async (t) => {
    const served = await serve(t, { onRequest: () => 'answered' })
    const other = await served.connect()
    const client = await served.connect()
    const { peer } = served
    t.strictSame(await client.messagesUntilEcho(), [])
    const logged = served.log.length

    client.send(frame, { binary: Buffer.isBuffer(frame) })
    client.request(1, '', 'behind the bad frame')
    const { code, reason } = await client.closed
    t.equal(code, protocolError)
    t.not(reason, '', 'the reason says what is wrong')
    t.notMatch(reason, secret)
    t.strictSame(await client.rest(), [])

    await peer.closed
    const lines = served.log.slice(logged)
    t.equal(lines.length, 1)
    t.equal(lines[0]?.level, 30)
    t.notMatch(lines[0]?.text, secret)

    other.request(1, 'x')
    t.strictSame(await other.message(), response(1, 'answered'))
  })
}

t.test('M16 text that is not UTF-8 is closed with 1007', async (t) => {
  const served = await serve(t)
  const other = await served.connect()
  const client = await served.connect()
  client.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false })
  t.equal((await client.closed).code, 1007)
  t.strictSame(await client.rest(), [])
  t.strictSame(await other.messagesUntilEcho(), [])
})

t.test('M17 one after the other: a bad frame behind a running handler closes after its response', async (t) => {
  const slow = gate()
  const started: string[] = []
  const served = await serve(t, {
    async onRequest (_peer, name) {
      started.push(name)
      await slow.promise
      return name
    }
  })
  const client = await served.connect()
  client.request(1, 'running')
  client.request(2, 'queued')
  await client.roundTrip()
  client.send('not JSON')
  client.request(3, 'behind')
  await nextTurns(20) // so that the bad frame is most likely read while the handler runs; without it the case is weaker
  t.equal(client.pending, 0)
  slow.open()
  t.equal((await client.closed).code, protocolError)
  const messages = await client.rest()
  t.strictSame(messages[0], response(1, 'running'))
  t.notOk(started.includes('behind'), 'nothing behind the bad frame is read')
})

t.test('M17 at once: a bad frame beside a running handler closes without waiting for it', async (t) => {
  const slow = gate()
  const served = await serve(t, { parallelRequests: true, shutdownTimeout: 60_000, onRequest: () => slow.promise })
  t.teardown(() => slow.open())
  const client = await served.connect()
  client.request(1, 'running')
  client.send('not JSON')
  t.equal((await client.closed).code, protocolError)
  t.strictSame(await client.rest(), [])
})

t.test('M19 a ping of the WebSocket is answered', async (t) => {
  const served = await serve(t)
  const client = await served.connect()
  const payload = await new Promise<string>((resolve) => {
    client.ws.once('pong', (data) => resolve(String(data)))
    client.ws.ping('are you there?')
  })
  t.equal(payload, 'are you there?')
})

async function nextTurns (count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}
