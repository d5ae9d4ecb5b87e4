/** A process full of light clients. */
import { answer } from '../children.ts'
import { dialects } from './dialects.ts'
import { LightClient } from './light-client.ts'

export interface OpenOptions {
  server: string
  port: number
  clients: number
  /** How many join at a time. */
  atOnce: number
  /** To be opened in the place of the server's own. */
  path?: string
  /** The same for each client. */
  paths?: string[]
  wholeBytes: number
  countsAll?: boolean
  /** Whether messages may be deflated; `remembers`: with the window of those before them. */
  compression?: boolean | 'remembers'
  keep?: number
  /** Slow clients: bytes a second of the slowest and of the fastest, the others between. */
  rates?: [number, number]
}

let clients: LightClient[] = []

const methods = {
  /** Opens clients, and resolves when all of them have the whole state. */
  async open ({ server, port, path: given, paths, clients: count, atOnce, wholeBytes, compression = false, countsAll = false, keep = 0, rates }: OpenOptions): Promise<void> {
    const dialect = dialects[server]!
    const options = { port, dialect, wholeBytes, compression, countsAll, keep }
    let opened = 0
    await Promise.all(Array.from({ length: Math.min(atOnce, count) }, async () => {
      while (opened++ < count) {
        const path = paths?.[opened - 1] ?? given ?? (typeof dialect.path === 'string' ? dialect.path : await dialect.path(port))
        const rate = rates && { rate: rates[0] + (rates[1] - rates[0]) * (opened - 1) / count }
        const client = new LightClient({ ...options, ...rate }, path)
        clients.push(client)
        await client.joined
      }
    }))
  },

  /** Counts from zero again, with the next tick as the first. */
  reset (): void {
    for (const client of clients) client.reset()
  },

  /** The sums over all clients that read. */
  counts (): { updates: number, bytes: number, answers: number, open: number } {
    const sum = { updates: 0, bytes: 0, answers: 0, open: 0 }
    for (const client of clients) {
      if (client.open) sum.open++
      if (client.paused) continue
      sum.updates += client.updates
      sum.bytes += client.bytes
      sum.answers += client.answers
    }
    return sum
  },

  /** Milliseconds from ticks begun at the given times to their arrival at each client that reads. */
  latencies (times: Float64Array): Float64Array {
    const latencies: number[] = []
    for (const client of clients) {
      if (client.paused) continue
      for (let i = 0; i < Math.min(times.length, client.updates); i++) latencies.push(client.arrivals[i]! - times[i]!)
    }
    return Float64Array.from(latencies)
  },

  /** Longest times in ms between two updates at clients that keep them. */
  gaps (): Float64Array {
    const gaps: number[] = []
    for (const { arrivals, updates } of clients) {
      let longest = 0
      for (let i = 1; i < Math.min(arrivals.length, updates); i++) longest = Math.max(longest, arrivals[i]! - arrivals[i - 1]!)
      if (arrivals.length > 0) gaps.push(longest)
    }
    return Float64Array.from(gaps)
  },

  /** Updates of clients that keep their times. */
  updatesKept (): number {
    return clients.reduce((sum, { arrivals, updates }) => arrivals.length > 0 ? sum + updates : sum, 0)
  },

  request (outstanding: number): void {
    for (const client of clients) client.request(outstanding)
  },

  /** The last `count` clients stop reading. */
  pause (count: number): void {
    for (const client of clients.slice(-count)) client.pause()
  },

  close (): void {
    for (const client of clients) client.destroy()
    clients = []
    globalThis.gc!()
  }
}

export type LoadHost = typeof methods
answer(methods)
