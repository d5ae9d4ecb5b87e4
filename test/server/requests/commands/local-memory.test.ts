import t from 'tap'
import { LocalMemory } from '../../../../lib/server/requests/commands/local-memory.ts'
import { testMemory } from '../../../helpers/command-memory.ts'

testMemory(t, (options) => new LocalMemory(options?.maxEntries, options?.maxBytes))

t.test('what it has forgotten takes no room', async (t) => {
  const memory = new LocalMemory(3)
  for (const name of ['a', 'b', 'c']) {
    memory.claim(name, 7, 20)
    memory.settle(name, { success: true, text: '1' })
  }
  t.equal(memory.size, 3)
  await new Promise((resolve) => setTimeout(resolve, 25))
  t.match(memory.claim('d', 7, 1000), { kind: 'new' }, 'those whose time is over make room')
  t.equal(memory.size, 1)
})

t.test('outcomes that are many make room by their age, and what runs is kept', async (t) => {
  const memory = new LocalMemory(100, 100_000)
  memory.claim('running', 7, 60_000)
  for (let i = 0; i < 60; i++) {
    memory.claim(`c${i}`, 7, 60_000)
    memory.settle(`c${i}`, { success: true, text: JSON.stringify('x'.repeat(1000)) })
  }
  const kinds = Array.from({ length: 60 }, (_, i) => memory.claim(`c${i}`, 7, 60_000)).map((claim) => claim.kind)
  const known = kinds.lastIndexOf('evicted') + 1
  t.ok(known > 10 && known < 40, `${known} evicted`)
  t.ok(kinds.slice(known).every((kind) => kind === 'known'))
  t.match(memory.claim('running', 7, 60_000), { kind: 'known' })
})

t.test('a window longer than timers last is no timer that fires all the time', async (t) => {
  const warnings: unknown[] = []
  const warned = (warning: Error): void => { warnings.push(warning.name) }
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
  const memory = new LocalMemory()
  memory.claim('a', 7, 2 ** 32)
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.strictSame(warnings, [])
})

t.test('an outcome that is too large takes no others with it', async (t) => {
  const memory = new LocalMemory(100, 10_000)
  for (const [name, length] of [['small', 10], ['large', 5000], ['next', 10]] as const) {
    memory.claim(name, 7, 60_000)
    memory.settle(name, { success: true, text: JSON.stringify('x'.repeat(length)) })
  }
  t.match(memory.claim('small', 7, 60_000), { kind: 'known' })
  t.match(memory.claim('large', 7, 60_000), { kind: 'evicted' })
  t.match(memory.claim('next', 7, 60_000), { kind: 'known' })
})
