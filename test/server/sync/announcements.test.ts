import { mock } from 'node:test'
import t from 'tap'
import { Announcements } from '../../../lib/server/sync/announcements.ts'
import { FakeClient } from '../../helpers/server/fake-client.ts'

// Time is the subject of a window, so the clock is a fake one.
mock.timers.enable({ apis: ['setTimeout'] })

t.test('who asks is told once, at the end of the window that the first of them opened', async (t) => {
  const announcements = new Announcements(200)
  const [one, other, gone] = [new FakeClient(), new FakeClient(), new FakeClient()]
  announcements.add(one)
  mock.timers.tick(150)
  announcements.add(other)
  announcements.add(gone)
  t.ok(announcements.has(gone))
  t.ok(announcements.delete(gone))
  t.notOk(announcements.delete(gone))
  mock.timers.tick(49)
  t.same(one.frames, [])
  mock.timers.tick(1)
  t.same([one.diffs, other.diffs, gone.diffs], [[[]], [[]], []])
  t.notOk(announcements.has(one))
  mock.timers.tick(1000)
  t.equal(one.frames.length, 1)
})

t.test('with delay 0 at the end of the turn, without a delay never', async (t) => {
  for (const [delay, told] of [[0, 1], [null, 0]] as const) {
    const announcements = new Announcements(delay)
    const client = new FakeClient()
    announcements.add(client)
    t.equal(client.frames.length, 0)
    await Promise.resolve()
    mock.timers.tick(10000)
    t.equal(client.frames.length, told, String(delay))
    t.equal(announcements.delete(client), told === 0)
  }
})

t.test('who cannot take it then is told when it can', async (t) => {
  const announcements = new Announcements(200)
  const client = new FakeClient()
  client.writable = false
  announcements.add(client)
  mock.timers.tick(200)
  announcements.drained(client)
  t.ok(announcements.has(client))
  client.writable = true
  announcements.drained(client)
  announcements.drained(client)
  t.same(client.diffs, [[]])
})

t.test('a flush tells everybody at once, or as soon as they can be told', async (t) => {
  const announcements = new Announcements(null)
  const [one, slow] = [new FakeClient(), new FakeClient()]
  slow.writable = false
  announcements.add(one)
  announcements.add(slow)
  announcements.flush()
  t.same([one.diffs, slow.diffs], [[[]], []])
  slow.writable = true
  announcements.drained(slow)
  announcements.flush()
  t.same([one.diffs, slow.diffs], [[[]], [[]]])
})

t.test('one alone is brought to it', async (t) => {
  const announcements = new Announcements(200)
  const [one, other] = [new FakeClient(), new FakeClient()]
  announcements.add(one)
  announcements.add(other)
  one.writable = false
  t.notOk(announcements.bring(one))
  one.writable = true
  t.ok(announcements.bring(one))
  t.ok(announcements.bring(one))
  mock.timers.tick(200)
  t.same([one.diffs, other.diffs], [[[]], [[]]])
})
