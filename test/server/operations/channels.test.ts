import { AsyncLocalStorage } from 'node:async_hooks'
import { channel } from 'node:diagnostics_channel'
import t from 'tap'
import { isTraced, traced } from '../../../lib/server/operations/channels.ts'
import type { RequestTrace } from '../../../types/stats.ts'

const steps = ['start', 'end', 'asyncStart', 'asyncEnd', 'error']

/** Listens to all channels of requests until the test ends. */
function listen (teardown: (undo: () => void) => void): string[] {
  const heard: string[] = []
  for (const step of steps) {
    const one = channel(`tracing:juggler:request:${step}`)
    const hear = (message: unknown): void => { heard.push(`${step} ${(message as RequestTrace).result}`) }
    one.subscribe(hear)
    teardown(() => one.unsubscribe(hear))
  }
  return heard
}

const newTrace = (): RequestTrace => ({ connection: {}, name: 'x', id: 1, handler: 'x', key: undefined } as unknown as RequestTrace)

t.test('the events come in the order of a tracing channel', async (t) => {
  t.notOk(isTraced())
  const heard = listen(t.teardown)
  t.ok(isTraced())
  const trace = newTrace()
  t.equal(traced(trace, () => { trace.result = 'success'; return 'a' }), 'a')
  t.same(heard.splice(0), ['start undefined', 'end success'])
  const failing = newTrace()
  traced(failing, () => { failing.result = 'refused'; return 'b' })
  t.same(heard.splice(0), ['start undefined', 'error refused', 'end refused'])
  const late = newTrace()
  t.equal(await traced(late, async () => { await null; late.result = 'timeout'; return 'c' }), 'c')
  t.same(heard.splice(0), ['start undefined', 'end undefined', 'error timeout', 'asyncStart timeout', 'asyncEnd timeout'])
})

t.test('a store that is bound to the start holds in what is run, behind its awaits as well', async (t) => {
  const storage = new AsyncLocalStorage<string>()
  const start = channel('tracing:juggler:request:start')
  start.bindStore(storage, (message) => (message as RequestTrace).name)
  t.teardown(() => start.unbindStore(storage))
  const trace = newTrace()
  trace.result = 'success'
  const answer = await traced(trace, async () => {
    await new Promise(setImmediate)
    return storage.getStore()!
  })
  t.equal(answer, 'x')
  t.equal(storage.getStore(), undefined)
})
