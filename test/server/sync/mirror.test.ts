import t from 'tap'
import { storeOf } from '../../../lib/server/sync/mirror.ts'
import { createReplica } from '../../../lib/state/replica/replica.ts'
import { createState } from '../../../lib/state/state.ts'
import type { JsonValue } from '../../../types/json.ts'
import { startApp } from '../../helpers/app.ts'
import { connectPeer } from '../../helpers/peer.ts'

t.test('a state of ours is its own store, and another has one mirror', async (t) => {
  const state = createState(1)
  t.equal(storeOf(state), state)
  const foreign = { data: { n: 1 }, revision: 0, get: () => null, stringify: () => '', onChange: () => () => {} }
  t.equal(storeOf(foreign as never), storeOf(foreign as never))
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
  const { app, origin } = await startApp(t, { juggler: { state: foreign as never, autoflushDelay: 0 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  t.match(await peer.next(), { diff: [{ op: 'replace', path: '', value: { n: 1 } }] })
  data = { n: 2 }
  for (const listener of listeners) listener()
  t.match(await peer.next(), { diff: [{ op: 'replace', path: '/n', value: 2 }] })
  for (const connection of app.juggler.connections) t.equal(connection.state, foreign)
})

t.test('a client\'s state is followed patch by patch', async (t) => {
  const replica = createReplica<JsonValue>((error) => { throw error })
  replica.follow([{ op: 'replace', path: '', value: { list: [{ n: 1 }, { n: 2 }], o: {} } }])
  const { origin } = await startApp(t, { juggler: { state: replica.state, autoflushDelay: 0 } })
  const peer = await connectPeer(t, `${origin}/ws`)
  await peer.next()
  replica.follow([{ op: 'move', from: '/list/0', path: '/o/x' }, { op: 'replace', path: '/list/0/n', value: 3 }])
  const message = await peer.next() as { diff: unknown[] }
  const far = createReplica<JsonValue>((error) => { throw error })
  far.follow([{ op: 'replace', path: '', value: { list: [{ n: 1 }, { n: 2 }], o: {} } }])
  far.follow(message.diff)
  t.same(far.state.data, { list: [{ n: 3 }], o: { x: { n: 1 } } })
  replica.follow([{ op: 'replace', path: '', value: { list: [{ n: 3 }], o: { x: { n: 1 } }, new: true } }])
  t.match(await peer.next(), { diff: [{ op: 'add', path: '/new', value: true }] }, 'after a reconnect only what differs goes on')
})

t.test('a mirror that is made while a change is being told has it once', async (t) => {
  const replica = createReplica<{ list: number[] }>((error) => { throw error })
  replica.follow([{ op: 'replace', path: '', value: { list: [] } }])
  let mirror: ReturnType<typeof storeOf> | undefined
  replica.state.onChange(() => {
    if (mirror !== undefined) return
    replica.follow([{ op: 'add', path: '/list/-', value: 2 }])
    mirror = storeOf(replica.state)
  })
  replica.follow([{ op: 'add', path: '/list/-', value: 1 }])
  t.same(mirror!.data, { list: [1, 2] })
  replica.follow([{ op: 'add', path: '/list/-', value: 3 }])
  t.same(mirror!.data, { list: [1, 2, 3] })
})
