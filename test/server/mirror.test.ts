import t from 'tap'
import { isReadableState, storeOf } from '../../lib/server/mirror.ts'
import { createState } from '../../lib/state/state.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

t.test('a state of ours is its own store, and another has one mirror', async (t) => {
  const state = createState(1)
  t.equal(storeOf(state), state)
  const foreign = { data: { n: 1 }, revision: 0, get: () => null, stringify: () => '', onChange: () => () => {} }
  t.equal(storeOf(foreign as never), storeOf(foreign as never))
})

t.test('what is no state is told apart', async (t) => {
  for (const value of [null, undefined, 1, 'x', {}, [], { data: 1, get () {} }, { get () {}, onChange () {} }]) t.notOk(isReadableState(value))
  t.ok(isReadableState(createState()))
})

t.test('a state of another make is followed', async (t) => {
  let data: unknown = { n: 1 }
  const listeners = new Set<() => void>()
  const foreign = {
    get data () { return data },
    revision: 0,
    get () { return null },
    stringify: () => JSON.stringify(data),
    onChange (listener: () => void) { listeners.add(listener); return () => listeners.delete(listener) }
  }
  t.ok(isReadableState(foreign))
  const { app, origin } = await startApp(t, { juggler: { state: foreign as never, autoflushDelay: 0 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  t.match(await peer.next(), { diff: [{ op: 'replace', path: '', value: { n: 1 } }] })
  data = { n: 2 }
  for (const listener of listeners) listener()
  t.match(await peer.next(), { diff: [{ op: 'replace', path: '/n', value: 2 }] })
  for (const connection of app.juggler.connections) t.equal(connection.state, foreign)
})
