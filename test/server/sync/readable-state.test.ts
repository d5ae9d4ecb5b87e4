import t from 'tap'
import { isReadableState } from '../../../lib/server/sync/readable-state.ts'
import { createReplica } from '../../../lib/state/replica/replica.ts'
import { createState } from '../../../lib/state/state.ts'

t.test('what is no state is told apart', async (t) => {
  for (const value of [null, undefined, 1, 'x', {}, [], { data: 1, get () {} }, { get () {}, onChange () {} }]) t.notOk(isReadableState(value))
  t.ok(isReadableState(createState()))
  t.ok(isReadableState(createReplica((error) => { throw error }).state), 'what a client has')
  const other = { data: 1, revision: 0, get: () => null, stringify: () => '1', onChange: () => () => {} }
  t.ok(isReadableState(other), 'another make')
})
