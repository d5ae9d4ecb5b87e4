/** Clients in a process of their own: those that watch whether anything is to be seen of a fault, and those that have it. */
import { isDeepStrictEqual } from 'node:util'
import { connect } from 'fastify-juggler/client'
import type { Client, ConnectOptions, SendOptions } from 'fastify-juggler/client'
import { answerParent, block, jump, lag, punctual } from './child.ts'

export interface Report {
  /** The longest time in ms in which the state of a client did not change. */
  gap: number
  /** How many times a connection was lost, with the codes. */
  lost: number[]
  /** Whether a client's state was marked stale. */
  stale: boolean
  /** How many times a client went back to an older state. */
  backwards: number
  /** How late timers of this process were at most. */
  lag: number
}

const clients: Client[] = []
const ends: Array<() => void> = []
let report: Report
let changes: number[] = []

function reset (): void {
  punctual()
  report = { gap: 0, lost: [], stale: false, backwards: 0, lag: 0 }
  changes = clients.map(() => performance.now())
}

const revisionOf = (client: Client): number => (client.state.data as { revision: number } | null)?.revision ?? 0

function watch (client: Client, i: number): void {
  let revision = revisionOf(client)
  client.state.onChange(() => {
    const now = performance.now()
    report.gap = Math.max(report.gap, now - (changes[i] ?? now))
    changes[i] = now
    const next = revisionOf(client)
    if (next < revision) report.backwards++
    revision = next
  })
  client.onStatus((status, info) => {
    if (status !== 'open') report.lost.push(info?.code ?? 0)
    report.stale ||= client.stale
    for (const end of ends) end()
  })
}

answerParent({
  block,
  jump,
  reset,
  async connect (url: string, count: number, options: ConnectOptions) {
    for (let i = 0; i < count; i++) {
      const client = await connect(url, options)
      await client.ready
      clients.push(client)
    }
    clients.forEach(watch)
    reset()
  },
  report: (): Report => {
    const now = performance.now()
    for (const at of changes) report.gap = Math.max(report.gap, now - at)
    return { ...report, stale: report.stale || clients.some(({ stale }) => stale), lag: lag() }
  },
  /**
   * Waits until every client is connected and shows a state, or any where none is given.
   *
   * @returns false: it has not come to that in time
   */
  async equals (text: string | null, patience: number): Promise<boolean> {
    const wanted: unknown = text === null ? undefined : JSON.parse(text)
    const isRight = (client: Client) => wanted === undefined || isDeepStrictEqual(JSON.parse(client.state.stringify()), wanted)
    const are = () => clients.every((client) => client.status === 'open' && !client.stale && isRight(client))
    for (const deadline = performance.now() + patience; performance.now() < deadline;) {
      if (are()) return true
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return false
  },
  /** Waits until the first client has lost its connection. @returns the code */
  async lost (): Promise<number> {
    while (report.lost.length === 0) await new Promise<void>((resolve) => { ends.push(resolve) })
    return report.lost[0]!
  },
  /** By the first client. */
  send: (name: string, data: unknown, options?: SendOptions) => clients[0]!.send(name, data, options),
  async close () {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    ends.length = 0
  }
})
