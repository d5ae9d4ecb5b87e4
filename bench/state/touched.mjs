/** What the touched places take that are kept while somebody is behind. */
import { createState } from '../../dist/lib/index.js'
import { syncGroupOf } from '../../dist/lib/server/sync/registry.js'
import { makePlant, makeTicks } from '../fixtures.ts'

const turn = () => new Promise((resolve) => { setImmediate(resolve) })

function held () {
  for (let i = 0; i < 3; i++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** So many states at once, so that what they take stands out of what else the heap does. */
const states = 20

/**
 * A reader of each state stops at once and never goes on, while others read.
 *
 * @param {{ devices: number, leaves: number, ticks: number }} order
 * @returns {Promise<{ bytes: number, text: number }>} of heap that is given back when the reader of a state leaves, and of the state's text
 */
export async function measureTouched ({ devices, leaves, ticks }) {
  const all = Array.from({ length: states }, () => {
    const state = createState(makePlant(devices))
    const group = syncGroupOf(state, 0)
    const reader = () => ({ writable: true, writeState () {}, stateFailed (error) { throw error } })
    return { state, group, slow: reader(), quick: reader() }
  })
  for (const { group, slow, quick } of all) for (const each of [slow, quick]) group.join(each)
  await turn()
  for (const { slow } of all) slow.writable = false
  const changes = makeTicks(makePlant(devices), 600, leaves)
  for (let i = 0; i < ticks; i++) {
    for (const { state } of all) for (const { device, temp } of changes[i % changes.length]) state.set(['devices', device, 'temp'], temp)
    await turn()
  }
  const text = all[0].state.stringify().length
  for (const { state } of all) state.stringify()
  const behind = held()
  for (const { group, slow } of all) group.leave(slow)
  await turn()
  return { bytes: (behind - held()) / states, text }
}
