/** What happens when the two framings meet: nothing is ever misread, and whoever is wrong is told what to do. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { RawClient } from '../helpers/conformance/raw-client.ts'
import { servePlant } from '../helpers/interop/plant.ts'

const request = '{"type":"request","id":1,"name":"echo","data":"x"}'
const response = '{"type":"response","id":1,"success":true,"data":"x"}'
const whole = '{"type":"state","diff":[{"op":"replace","path":"","value":{"n":0}}]}'
const headers = { plain: '', segmented: '0' }

async function open (t: { teardown (handler: () => unknown): unknown }, url: string): Promise<RawClient> {
  const client = new RawClient(url)
  t.teardown(() => client.ws.terminate())
  return client.open()
}

for (const [server, client] of [['plain', 'segmented'], ['segmented', 'plain']] as const) {
  t.test(`a ${client} client of a ${server} server that has sent something is closed with a reason that names ?framing=`, async (t) => {
    const plant = await servePlant(t, { framing: server, autoflushDelay: 0, initial: { n: 0 } })
    const right = await open(t, plant.url())
    const wrong = await open(t, plant.url())
    t.equal(await wrong.next(), headers[server] + whole)
    wrong.send(headers[client] + request)
    const { code, reason } = await wrong.closed
    t.equal(code, 4406)
    t.match(reason, `?framing=${client}`)
    t.equal(wrong.pending, 0)
    right.send(headers[server] + request)
    t.equal(await right.next(), headers[server] + whole)
    t.equal(await right.next(), headers[server] + response)
  })

  t.test(`a ${client} client of a ${server} server that has sent nothing is switched over`, async (t) => {
    const plant = await servePlant(t, { framing: server, autoflushDelay: 0 })
    const one = await open(t, plant.url())
    one.send(headers[client] + request)
    t.equal(await one.next(), headers[client] + response)
    plant.state.set('', { n: 0 })
    t.equal(await one.next(), headers[client] + whole)
  })

  t.test(`?framing=${client} on the URL chooses for one connection of a ${server} server`, async (t) => {
    const plant = await servePlant(t, { framing: server, autoflushDelay: 0, initial: { n: 0 } })
    for (const framing of [client, server]) {
      const one = await open(t, plant.url(`?x=1&framing=${framing}`))
      t.equal(await one.next(), headers[framing] + whole)
      one.send(headers[framing] + request)
      t.equal(await one.next(), headers[framing] + response)
    }
  })

  t.test(`framing: auto holds back what it has to send until the first frame says ${client}`, async (t) => {
    const plant = await servePlant(t, { framing: 'auto', framingTimeout: 60_000, autoflushDelay: 0, initial: { n: 0 } })
    const one = await open(t, plant.url())
    await sleep(20)
    t.equal(one.pending, 0)
    one.send(headers[client] + request)
    t.strictSame([await one.next(), await one.next()].toSorted(), [headers[client] + response, headers[client] + whole])
  })
}

t.test('framing: auto takes plain after framingTimeout', async (t) => {
  const plant = await servePlant(t, { framing: 'auto', framingTimeout: 20, autoflushDelay: 0, initial: { n: 0 } })
  const one = await open(t, plant.url())
  t.equal(await one.next(), whole)
})

t.test('a segmented ping as the first frame settles the framing as well', async (t) => {
  const plant = await servePlant(t, { framing: 'auto', framingTimeout: 60_000, autoflushDelay: 0, initial: { n: 0 } })
  const one = await open(t, plant.url())
  one.send('2')
  t.strictSame([await one.next(), await one.next()].toSorted(), [`0${whole}`, '3'])
})
