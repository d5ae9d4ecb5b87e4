/** Handlers that never end, and those that take too long: others go on, and the app closes all the same. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Report } from '../helpers/faults/clients.ts'
import { Plant, noticed } from '../helpers/faults/plant.ts'
import type { ChildError } from '../helpers/faults/processes.ts'
import { connectPeer } from '../helpers/peer.ts'

const handlerTimeout = 1000
const plant = await Plant.start(t, { options: { handlerTimeout } })

t.test('a handler that never ends: its connection lives, its echoes are answered, and others do not wait', async (t) => {
  const victim = await plant.victim()
  const never = victim.ask('send', 'never', null).catch(({ code }: ChildError) => code)
  const peer = await connectPeer(t, plant.url)
  peer.request('n', 'never')
  await plant.connections(2)
  const start = performance.now()
  await peer.echo()
  const took = performance.now() - start
  t.ok(took > 900 && took < 3000, `an echo behind it was answered after ${Math.round(took)} ms`)
  const asked = performance.now()
  t.equal(await plant.watchers.ask('send', 'ask', 'others'), 'others')
  t.ok(performance.now() - asked < 900, 'the requests of others are answered at once')
  await sleep(noticed)
  t.same((await victim.ask<Report>('report')).lost, [], 'the connection holds')
  peer.ws.terminate()
  await plant.rests(t, [victim])
  t.equal(await never, 'JUGGLER_CONNECTION_CLOSED')
})

t.test('a thousand of them', async (t) => {
  const peer = await connectPeer(t, plant.url)
  for (let i = 0; i < 1000; i++) peer.request(i, 'never')
  await sleep(500)
  peer.ws.terminate()
  await plant.rests(t)
})

t.test('one with a timeout is answered when it is over, and the next request runs', async (t) => {
  const victim = await plant.victim()
  const start = performance.now()
  await t.rejects(victim.ask('send', 'limited', null), { code: 'JUGGLER_REQUEST_FAILED', data: { code: 'JUGGLER_HANDLER_TIMEOUT' } })
  const took = performance.now() - start
  t.ok(took > 250 && took < 2000, `after ${Math.round(took)} ms`)
  t.equal(await victim.ask('send', 'ask', 1), 1)
  await plant.rests(t, [victim])
})

t.test('the app closes: it waits for handlerTimeout, and no longer', async (t) => {
  const victim = await plant.victim(plant.url, { reconnect: false })
  const never = victim.ask('send', 'never', null).catch(({ code }: ChildError) => code)
  // An echo behind it shows that it runs.
  await victim.ask('send', '', null)
  const took = await plant.server.ask<number>('close')
  t.ok(took >= handlerTimeout && took < handlerTimeout + 1500, `${Math.round(took)} ms`)
  t.equal(await never, 'JUGGLER_CONNECTION_CLOSED')
})
