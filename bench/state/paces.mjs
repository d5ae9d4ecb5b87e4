/** One sync group with many readers that take what they are sent at their own paces, without any socket. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createState } from '../../dist/lib/index.js'
import { syncGroupOf } from '../../dist/lib/server/sync/registry.js'
import { makePlant, makeTicks } from '../fixtures.ts'

/** A reader whose socket is full until it has been passed over for a number of windows. */
class Reader {
  writable = true
  bytes = 0
  #pace
  #left

  constructor (pace, phase) {
    this.#pace = pace
    this.#left = phase
  }

  writeState (message) {
    this.bytes += message.text.length
    this.writable = this.#pace === 0
    this.#left = this.#pace
  }

  /** A window has passed; returns whether the socket has room again. */
  pass () {
    if (this.writable || this.#left-- > 0) return false
    this.writable = true
    return true
  }
}

/**
 * @param {{ devices: number, leaves: number, readers: number, paces: number, windows: number }} order - `paces`: readers
 * wait between none and so many windows; 0: all of them take every message
 * @returns {Promise<{ micros: number, bytes: number }>} CPU of a window, and characters of each reader and window
 */
export async function measurePaces ({ devices, leaves, readers, paces, windows }) {
  const plant = makePlant(devices)
  const warmUp = Math.ceil(windows / 3)
  const ticks = makeTicks(plant, warmUp + windows, leaves)
  const state = createState(plant)
  const group = syncGroupOf(state, 1)
  const all = Array.from({ length: readers }, (_, i) => new Reader(paces === 0 ? 0 : i % (paces + 1), i % (paces + 1)))
  for (const reader of all) group.join(reader)
  await sleep(20)
  let micros = 0
  for (const [i, changes] of ticks.entries()) {
    if (i === warmUp) for (const reader of all) reader.bytes = 0
    const start = process.cpuUsage()
    for (const { device, temp } of changes) state.set(['devices', device, 'temp'], temp)
    for (const reader of all) if (reader.pass()) group.drained(reader)
    await sleep(3)
    const { user, system } = process.cpuUsage(start)
    if (i >= warmUp) micros += user + system
  }
  const bytes = all.reduce((sum, reader) => sum + reader.bytes, 0)
  return { micros: micros / windows, bytes: bytes / windows / readers }
}
