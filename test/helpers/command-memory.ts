/** What every memory of commands must do, wherever it keeps them. */
import type { Test } from 'tap'
import type { CommandMemory } from '../../lib/server/requests/commands/memory.ts'

export function testMemory (t: Test, make: (options?: { maxEntries?: number, maxBytes?: number }) => CommandMemory): void {
  const outcome = { success: true, text: '{"speed":7}' }

  t.test('a command is new once', async (t) => {
    const memory = make()
    t.match(memory.journal, /./)
    t.not(make().journal, memory.journal, 'each memory has a name of its own')
    t.strictSame(await memory.claim('a', 7, 60_000), { kind: 'new' })
    const second = await memory.claim('a', 7, 60_000)
    t.equal(second.kind, 'known')
    await memory.settle('a', outcome)
    t.strictSame(await (second as { outcome: unknown }).outcome, outcome, 'whoever waits is told')
    const third = await memory.claim('a', 7, 60_000)
    t.strictSame(await (third as { outcome: unknown }).outcome, outcome)
    t.strictSame(await memory.claim('b', 7, 60_000), { kind: 'new' }, 'another one')
  })

  t.test('a command that was not run is new again, and who waited asks again', async (t) => {
    const memory = make()
    await memory.claim('a', 7, 60_000)
    const waiting = await memory.claim('a', 7, 60_000)
    await memory.release('a')
    t.equal(await (waiting as { outcome: unknown }).outcome, undefined)
    t.strictSame(await memory.claim('a', 7, 60_000), { kind: 'new' })
    await memory.release('unknown')
  })

  t.test('another command by the same name', async (t) => {
    const memory = make()
    await memory.claim('a', 1, 60_000)
    t.strictSame(await memory.claim('a', 2, 60_000), { kind: 'different' })
    await memory.settle('a', outcome)
    t.strictSame(await memory.claim('a', 2, 60_000), { kind: 'different' })
  })

  t.test('its time is over, but not while it runs', async (t) => {
    const memory = make()
    await memory.claim('a', 7, 10)
    await memory.claim('b', 7, 10)
    await memory.settle('a', outcome)
    await new Promise((resolve) => setTimeout(resolve, 20))
    t.strictSame(await memory.claim('a', 7, 10), { kind: 'new' })
    t.equal((await memory.claim('b', 7, 10)).kind, 'known')
  })

  t.test('no more than it can remember', async (t) => {
    const memory = make({ maxEntries: 2 })
    await memory.claim('a', 7, 60_000)
    await memory.claim('b', 7, 60_000)
    t.strictSame(await memory.claim('c', 7, 60_000), { kind: 'full' })
    t.equal((await memory.claim('a', 7, 60_000)).kind, 'known', 'what is there is told of')
    await memory.release('a')
    t.strictSame(await memory.claim('c', 7, 60_000), { kind: 'new' })
  })

  t.test('an outcome that had to make room is known to have been', async (t) => {
    const memory = make({ maxBytes: 5000 })
    for (const name of ['a', 'b', 'c', 'd']) {
      await memory.claim(name, 7, 60_000)
      await memory.settle(name, { success: true, text: JSON.stringify('x'.repeat(600)) })
    }
    t.strictSame(await memory.claim('a', 7, 60_000), { kind: 'evicted' })
    t.equal((await memory.claim('d', 7, 60_000)).kind, 'known')
  })
}
