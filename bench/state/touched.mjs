/** What the touched places take that are kept while somebody is behind. */
import { createState } from '../../dist/lib/index.js'
import { syncGroupOf } from '../../dist/lib/server/sync/registry.js'
import { makePlant, makeTicks } from '../fixtures.ts'

const turn = () => new Promise((resolve) => { setImmediate(resolve) })

function held () {
  for (let i = 0; i < 3; i++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

/**
 * A reader stops at once and never goes on, while others read.
 *
 * @param {{ devices: number, leaves: number, ticks: number }} order
 * @returns {Promise<{ bytes: number, text: number }>} of heap that is given back when the reader leaves, and of the state's text
 */
export async function measureTouched ({ devices, leaves, ticks }) {
  const state = createState(makePlant(devices))
  const group = syncGroupOf(state, 0)
  const reader = () => ({ writable: true, writeState () {}, stateFailed (error) { throw error } })
  const [slow, quick] = [reader(), reader()]
  for (const each of [slow, quick]) group.join(each)
  await turn()
  slow.writable = false
  const changes = makeTicks(makePlant(devices), 600, leaves)
  for (let i = 0; i < ticks; i++) {
    for (const { device, temp } of changes[i % changes.length]) state.set(['devices', device, 'temp'], temp)
    await turn()
  }
  const text = state.stringify().length
  const behind = held()
  group.leave(slow)
  await turn()
  return { bytes: behind - held(), text }
}
