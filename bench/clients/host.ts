/** A process of real clients, each the peer's own, that apply what they get and show what they have in the end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { answer, clock } from '../children.ts'
import { tickOf } from '../fixtures.ts'
import { SlowLine } from '../load/slow-line.ts'

/** Reads the state; `isStale`: whether the client itself says that it may be old. */
export type Read = (() => unknown) & { isStale?: () => boolean }
/** What a module of this folder exports as default: connects, and returns a function that reads the state. */
export type Connect = (port: number) => Promise<Read>

const modules: Record<string, string> = {
  'ws-string': 'json-patch',
  'ws-frame': 'json-patch',
  'fastify-websocket': 'json-patch'
}

let reads: Read[] = []
let line: SlowLine | undefined
/** What a client showed from a moment on, without a mark. */
interface Look { at: number, tick: number }
let looks: Look[][] = []
let watching: NodeJS.Timeout | undefined

const methods = {
  async open (server: string, port: number, count: number): Promise<void> {
    const module: { default: Connect } = await import(new URL(`${modules[server] ?? server}.mjs`, import.meta.url).href)
    reads = await Promise.all(Array.from({ length: count }, () => module.default(port)))
  },

  /** Opens clients behind slow lines, and waits until all have the whole. */
  async openSlow (server: string, port: number, count: number, bytesPerSecond: number): Promise<void> {
    line = await SlowLine.open(port, bytesPerSecond)
    await methods.open(server, line.port, count)
    for (let tries = 0; tries < 400 && reads.some((read) => !read()); tries++) await sleep(50)
  },

  /** Looks at what every client shows, 20 times a second, where the ticks are numbered. */
  watch (): void {
    looks = reads.map(() => [])
    watching = setInterval(() => {
      const at = clock()
      for (const [i, read] of reads.entries()) if (read.isStale?.() !== true) looks[i]!.push({ at, tick: tickOf(read()) })
    }, 50)
  },

  /**
   * Waits for the last tick at every client, then looks no more.
   *
   * @param times - when each tick began
   * @returns ms: for how long at most a client has shown what was not so any more; how long after the last tick the last
   * client showed it, or -1: some did not in this time; and how many connections the server ended
   */
  async ages (times: Float64Array, patience: number): Promise<{ oldest: number, newest: number, cut: number }> {
    const last = times.length - 1
    const until = clock() + patience
    while (clock() < until && !reads.every((read) => tickOf(read()) === last)) await sleep(20)
    const newest = reads.every((read) => tickOf(read()) === last) ? clock() - times[last]! : -1
    clearInterval(watching)
    const ages = looks.flat().map(({ at, tick }) => tick >= last ? 0 : at - times[tick + 1]!)
    const cut = line!.cut
    line!.close()
    return { oldest: Math.max(...ages), newest, cut }
  },

  /** Whether every client comes to have this state, within 5 s. */
  async comeTo (expected: unknown): Promise<boolean> {
    for (let tries = 0; tries < 50; tries++) {
      if (reads.every((read) => isDeepStrictEqual(JSON.parse(JSON.stringify(read())), expected))) return true
      await sleep(100)
    }
    return false
  }
}

export type RealHost = typeof methods
answer(methods)
