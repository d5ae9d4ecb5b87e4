import t from 'tap'
import { Cohorts } from '../../../lib/server/sync/cohorts.ts'
import type { Member } from '../../../lib/server/sync/member.ts'
import { createState } from '../../../lib/state/state.ts'
import type { Store } from '../../../lib/state/store/store.ts'
import type { JsonValue } from '../../../types/json.ts'
import { FakeClient } from '../../helpers/server/fake-client.ts'
import { recordingIn } from '../../helpers/server/recording.ts'

function start (initial: JsonValue) {
  const state = createState<JsonValue>(initial)
  const store = state as unknown as Store
  const cohorts: Cohorts = new Cohorts(store, {
    ...recordingIn(() => cohorts),
    committed: () => cohorts.outdate()
  })
  const join = (): { client: FakeClient, member: Member } => {
    const client = new FakeClient()
    const member: Member = { subscriber: client, cohort: undefined, blank: true, announceNull: false, resuming: false, waiters: undefined }
    cohorts.add(member)
    return { client, member }
  }
  return { state, store, cohorts, join }
}

t.test('members of one base share a message, and nobody is sent the same twice', async (t) => {
  const { state, cohorts, join } = start({ n: 0 })
  const [one, other] = [join(), join()]
  t.notOk(cohorts.even)
  cohorts.catchUpAll()
  t.ok(cohorts.even)
  state.set('/n', 1)
  t.notOk(cohorts.even)
  cohorts.catchUpAll()
  cohorts.catchUpAll()
  t.same(one.client.diffs.slice(1), [[{ op: 'replace', path: '/n', value: 1 }]])
  t.equal(one.client.frames[1], other.client.frames[1])
})

t.test('a member ahead of the others stands at a base of its own, until all are at now again', async (t) => {
  const { state, cohorts, join } = start({ n: 0, m: 0 })
  const [one, other] = [join(), join()]
  cohorts.catchUpAll()
  state.set('/n', 1)
  cohorts.catchUp(one.member)
  t.not(one.member.cohort, other.member.cohort)
  t.notOk(cohorts.even)
  state.set('/m', 1)
  cohorts.catchUpAll()
  t.equal(one.member.cohort, other.member.cohort)
  t.same([one.client.value, other.client.value], [{ n: 1, m: 1 }, { n: 1, m: 1 }])
  t.ok(cohorts.even)
})

t.test('with many bases it is crowded, and one message to all ends that', async (t) => {
  const { state, cohorts, join } = start({ n: 0 })
  const all = Array.from({ length: 20 }, join)
  cohorts.catchUpAll()
  for (const [i, { member }] of all.entries()) {
    state.set('/n', i + 1)
    cohorts.catchUp(member)
  }
  t.ok(cohorts.crowded)
  cohorts.catchUpAll()
  t.notOk(cohorts.crowded)
  for (const { client } of all) t.same(client.value, { n: 20 })
})

t.test('who is not writable stays behind, and gets one message for all that it missed', async (t) => {
  const { state, cohorts, join } = start({ n: 0, text: 'so long that a patch is shorter than the whole' })
  const [slow, fast] = [join(), join()]
  cohorts.catchUpAll()
  slow.client.writable = false
  for (let n = 1; n <= 3; n++) {
    state.set('/n', n)
    cohorts.catchUpAll()
  }
  t.equal(fast.client.frames.length, 4)
  slow.client.writable = true
  cohorts.catchUp(slow.member)
  t.same(slow.client.diffs.slice(1), [[{ op: 'add', path: '/n', value: 3 }]])
  t.ok(cohorts.even)
  t.equal(slow.member.cohort, fast.member.cohort)
})

t.test('steps are sent in order, and a step without a difference is none', async (t) => {
  const { state, cohorts, join } = start({ n: 0 })
  const { client } = join()
  cohorts.catchUpAll()
  for (const n of [1, 2, 2, 3]) {
    state.set('/n', n)
    cohorts.takeStep()
  }
  t.equal(client.frames.length, 1)
  cohorts.sendSteps()
  cohorts.sendSteps()
  t.same(client.diffs.slice(1).map(([operation]) => (operation as { value?: unknown }).value), [1, 2, 3])
})

t.test('with nobody at a base nothing is recorded', async (t) => {
  const { store, cohorts, join } = start({ n: 0 })
  const { member } = join()
  cohorts.rest()
  t.equal(store.tree.recorders.length, 0)
  cohorts.catchUpAll()
  cohorts.rest()
  t.equal(store.tree.recorders.length, 1)
  cohorts.delete(member)
  cohorts.rest()
  t.equal(store.tree.recorders.length, 0)
})

t.test('the oldest base is given up without losing anybody', async (t) => {
  const { state, store, cohorts, join } = start({ n: 0, m: 0 })
  const [behind, ahead] = [join(), join()]
  cohorts.catchUpAll()
  state.set('/n', 1)
  cohorts.catchUp(ahead.member)
  state.set('/m', 1)
  cohorts.retireOldest()
  t.equal(behind.member.cohort, undefined)
  t.notOk(cohorts.even)
  cohorts.catchUp(behind.member)
  t.same(behind.client.value, { n: 1, m: 1 })
  cohorts.catchUpAll()
  t.same(ahead.client.value, { n: 1, m: 1 })
  t.ok(cohorts.even)
  t.equal(store.tree.touches, undefined)
})
