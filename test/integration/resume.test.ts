/** A client that comes back with its state gets what has changed since, as one patch; in every doubt it gets the whole. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../lib/index.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import type { State } from '../../types/state.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'
import type { Peer } from '../helpers/peer.ts'

interface Placed { diff: Array<{ op: string, path: string, value?: unknown }>, revision?: number, epoch?: string, since?: number }

const big = (): Record<string, number> => Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`device ${i}`, i]))
const query = (epoch: unknown = '', revision: unknown = ''): string => `?announce=1&epoch=${epoch}&revision=${revision}`
const next = async (peer: Peer): Promise<Placed> => await peer.next() as unknown as Placed

async function serve (t: Test, state: State<never> | State, options: FastifyJugglerOptions = {}): Promise<string> {
  const { origin } = await startApp(t, { juggler: { state: state as State, autoflushDelay: 0, ...options } })
  return `${origin}/ws`
}

/** A client that has the whole, and where it stands. */
async function placed (t: Test, url: string): Promise<Required<Pick<Placed, 'epoch' | 'revision'>> & { peer: Peer }> {
  const peer = await connectPeer(t, url + query())
  const { epoch, revision } = await next(peer)
  return { peer, epoch: epoch!, revision: revision! }
}

t.test('who asks is told the revision with each message, and the epoch with the first; others get what they always got', async (t) => {
  const state = createState<{ n: number }>({ n: 0 })
  const url = await serve(t, state)
  const peer = await connectPeer(t, url + query())
  const other = await connectPeer(t, url)
  t.match(await next(peer), { diff: [{ op: 'replace', path: '', value: { n: 0 } }], revision: 0, epoch: /^[\w-]{12}$/, since: undefined })
  t.equal(await other.nextText(), '{"type":"state","diff":[{"op":"replace","path":"","value":{"n":0}}]}')
  state.set('/n', 1)
  state.set('/n', 2)
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/n","value":1}],"revision":1}')
  t.equal(await peer.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/n","value":2}],"revision":2}')
  t.equal(await other.nextText(), '{"type":"state","diff":[{"op":"replace","path":"/n","value":1}]}')
})

for (const autoflushDelay of [0, 10] as const) {
  t.test(`what has changed meanwhile comes as one patch, delay ${autoflushDelay}`, async (t) => {
    const state = createState<Record<string, number>>(big())
    const url = await serve(t, state, { autoflushDelay })
    const { peer, epoch, revision } = await placed(t, url)
    peer.ws.terminate()
    state.set(['device 3'], 1000)
    state.set(['device 4'], 1001)
    state.remove(['device 5'])
    const back = await connectPeer(t, url + query(epoch, revision))
    const message = await next(back)
    t.match(message, { revision: revision + 3, epoch, since: Number })
    t.ok(message.since! <= revision)
    t.ok(JSON.stringify(message.diff).length < 300)
    t.match(message.diff.map(({ path }) => path).sort(), ['/device 3', '/device 4', '/device 5', '/device 5'])
    state.set(['device 6'], 7)
    t.match(await next(back), { diff: [{ path: '/device 6', value: 7 }], revision: revision + 4, epoch: undefined, since: undefined })
  })
}

t.test('nothing has changed: an empty patch says so', async (t) => {
  const state = createState<Record<string, number>>(big())
  const url = await serve(t, state)
  const { peer, epoch, revision } = await placed(t, url)
  peer.ws.terminate()
  const back = await connectPeer(t, url + query(epoch, revision))
  t.match(await next(back), { diff: [], revision, since: revision, epoch })
})

t.test('without a window it waits for a flush', async (t) => {
  const state = createState<Record<string, number>>(big())
  const { app, origin } = await startApp(t, { juggler: { state: state as State, autoflushDelay: null } })
  const url = `${origin}/ws`
  const peer = await connectPeer(t, url + query())
  await app.juggler.flush()
  const { epoch, revision } = await next(peer)
  peer.ws.terminate()
  state.set(['device 3'], 1000)
  const back = await connectPeer(t, url + query(epoch, revision))
  await back.echo()
  t.equal(back.pending, 0)
  await app.juggler.flush()
  t.match(await next(back), { diff: [{ path: '/device 3' }], since: Number })
})

t.test('in every doubt it is the whole: no error, and the same as for a new client', async (t) => {
  const state = createState<Record<string, number>>(big())
  const url = await serve(t, state)
  const { epoch, revision } = await placed(t, url)
  state.set(['device 3'], 1000)
  for (const doubt of [query('other', revision), query(epoch, revision + 2), query(epoch, -1), query(epoch, '1.5'), query(epoch, '9'.repeat(30)), query(epoch, 'x'),
    query(epoch), query('', revision), `${query(epoch, revision)}&revision=1`, `${query(epoch, revision)}&epoch=${epoch}`, '?epoch[]=1&revision=1']) {
    const peer = await connectPeer(t, url + doubt)
    const message = await next(peer)
    t.match(message.diff, [{ op: 'replace', path: '', value: { 'device 3': 1000 } }], doubt)
    t.equal(message.since, undefined)
  }
})

t.test('a state that is another one, or that is off, gives the whole', async (t) => {
  const states = [createState<Record<string, number>>(big()), createState<Record<string, number>>(big())] as const
  let which = 0
  const url = await serve(t, states[0], { state: () => states[which] as never })
  const { epoch, revision } = await placed(t, url)
  which = 1
  const other = await next(await connectPeer(t, url + query(epoch, revision)))
  t.match(other, { diff: [{ path: '' }], since: undefined })
  t.not(other.epoch, epoch)
  const off = await serve(t, states[0], { resumeWindow: 0 })
  t.equal(await (await connectPeer(t, off + query(epoch, revision))).nextText(), `{"type":"state","diff":[{"op":"replace","path":"","value":${states[0].stringify()}}]}`)
})

t.test('where more has changed than the whole is long it is the whole', async (t) => {
  const state = createState<Record<string, number>>(big())
  const url = await serve(t, state)
  const { peer, epoch, revision } = await placed(t, url)
  peer.ws.terminate()
  for (let i = 0; i < 500; i++) state.set([`device ${i}`], -i)
  t.match(await next(await connectPeer(t, url + query(epoch, revision))), { diff: [{ path: '' }], since: undefined })
})

t.test('behind the window it is the whole, once so much has changed that it is forgotten', async (t) => {
  const state = createState<Record<string, number>>(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`device ${i}`, i])))
  const url = await serve(t, state, { resumeWindow: 100 })
  const { epoch, revision } = await placed(t, url)
  state.set(['device 0'], -1)
  await sleep(200)
  for (let i = 0; i < 2000; i++) state.set([`device ${i}`], -i)
  const last = state.revision
  const isForgotten = async (): Promise<boolean> => (await next(await connectPeer(t, url + query(epoch, revision)))).since === undefined
  for (let tries = 0; tries < 100 && !await isForgotten(); tries++) await sleep(20)
  t.ok(await isForgotten())
  t.match(await next(await connectPeer(t, url + query(epoch, last))), { diff: [], since: last }, 'the window holds what is in it')
})

t.test('what the state became meanwhile: null, a scalar, and what it was', async (t) => {
  const state = createState<unknown>(big() as never)
  const url = await serve(t, state as State)
  for (const value of [null, 7, big(), []]) {
    const { peer, epoch, revision } = await placed(t, url)
    peer.ws.terminate()
    state.set('', value as never)
    const message = await next(await connectPeer(t, url + query(epoch, revision)))
    t.match(message.diff, [{ path: '', value }], JSON.stringify(value)?.slice(0, 20))
  }
})
