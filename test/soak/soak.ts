/**
 * A server under 500 clients for a long time. Now and then everything is brought to rest: then each client has to hold what
 * the server holds, and the server's memory, sockets and timers have to be what they were.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonValue } from '../../types/json.ts'
import { canonical } from '../helpers/server/fake-client.ts'
import { guest, misbehave, screen, staller } from './crowd.ts'
import type { Tally } from './crowd.ts'
import { startServer } from './server.ts'
import type { Measure } from './server.ts'

export interface SoakSettings {
  /** How long it lasts, in ms. */
  readonly duration: number
  /** How long a round lasts, at whose end everything comes to rest, in ms. */
  readonly round: number
  /** Clients in all, of which four fifths stay. */
  readonly clients: number
  /** Called at the end of each round. */
  onRound? (round: Round): void
}

export interface Round extends Measure {
  /** Since the beginning, in ms. */
  readonly at: number
  /** Part of one core that the server has used. */
  readonly load: number
}

export interface SoakResult {
  readonly rounds: readonly Round[]
  readonly tally: Tally
  /** Checks of a client's state against the server's. */
  readonly compared: number
}

/** How long (ms) a client may take to come to rest. */
const patience = 10_000

export async function soak ({ duration, round, clients, onRound }: SoakSettings): Promise<SoakResult> {
  const server = await startServer()
  const tally: Tally = { faults: [], requests: 0, commands: 0, expired: 0, visits: 0, stalls: 0, misdeeds: 0 }
  const { faults } = tally
  let isOver = false
  const staying = await Promise.all(Array.from({ length: Math.round(clients * 0.8) }, () => screen(server.url, tally, () => isOver)))
  const screens = staying.map(({ client }) => client)
  let isClosing = false
  const lost = (status: string): void => { if (!isClosing && status !== 'open') faults.push(`a screen was ${status}`) }
  for (const client of screens) client.onStatus(lost)
  const began = performance.now()
  const rounds: Round[] = []
  let compared = 0
  let ran = 0
  let cpu = { user: 0, system: 0 }
  let measuredAt = began

  /** Visitors of one kind, so many at a time, until the round is over. */
  const keep = async (many: number, visit: (url: string, tally: Tally) => Promise<void>, until: number): Promise<void> => {
    await Promise.all(Array.from({ length: many }, async () => {
      while (performance.now() < until) {
        await visit(server.url, tally).catch((error: unknown) => faults.push(String(error)))
        await sleep(Math.random() * 300)
      }
    }))
  }

  try {
    // What grows is seen between two rounds, however long they take.
    while (rounds.length < 2 || performance.now() - began < duration) {
      await server.churn(true)
      const until = performance.now() + Math.min(round, Math.max(duration - performance.now() + began, 1000))
      const rest = clients - screens.length
      await Promise.all([
        keep(Math.ceil(rest * 0.5), guest, until),
        keep(Math.ceil(rest * 0.3), staller, until),
        keep(Math.ceil(rest * 0.2), misbehave, until)
      ])
      await server.churn(false)
      const text = canonical(JSON.parse(await server.state()) as JsonValue)
      for (const client of screens) {
        const isEqual = (): boolean => canonical(client.state.get('') as JsonValue) === text
        let isSame = isEqual()
        for (const end = performance.now() + patience; !isSame && performance.now() < end; isSame = isEqual()) await sleep(50)
        compared++
        // Pings are to be answered meanwhile.
        await sleep(1)
        if (!isSame) faults.push('a screen shows another state than the server has')
      }
      const { twice, size } = await server.runs()
      ran += size
      if (twice.length > 0) faults.push(`commands ran more than once: ${JSON.stringify(twice)}`)
      // Peers that were cut in the middle are found by a ping.
      for (const end = performance.now() + patience; performance.now() < end; await sleep(200)) {
        if ((await server.measure()).connections.open === screens.length) break
      }
      const measure = await server.measure()
      const used = (measure.cpu.user - cpu.user + measure.cpu.system - cpu.system) / 1000
      const now = performance.now()
      rounds.push({ ...measure, at: now - began, load: used / (now - measuredAt) })
      cpu = measure.cpu
      measuredAt = now
      onRound?.(rounds.at(-1)!)
    }
    isOver = true
    await Promise.all(staying.map(({ asking }) => asking))
    isClosing = true
    ran += (await server.runs()).size
    // Each that was told to have run did, and no other.
    if (ran !== tally.commands) faults.push(`${ran} commands ran, and ${tally.commands} were told to have`)
    await Promise.all(screens.map((client) => client.close()))
    return { rounds, tally, compared }
  } finally {
    isOver = true
    await server.end()
  }
}

/** What has grown that should not have, between two rounds. Memory breathes, so that it may be this much more. */
export function growth (from: Round, to: Round): string[] {
  const problems: string[] = []
  const more = (what: string, before: number, after: number, allowed: number): void => {
    if (after > before + allowed) problems.push(`${what} went from ${before} to ${after}`)
  }
  // A command that is remembered takes about so much, and they are as many as came within ten minutes.
  const commands = Math.max(0, to.commands - from.commands) * 500
  more('heap', from.heap, to.heap, 4_000_000 + from.heap * 0.1 + commands)
  more('memory beside the heap', from.external, to.external, 8_000_000)
  more('sockets', from.sockets, to.sockets, 2)
  more('timers', from.timers, to.timers, 4)
  more('connections', from.connections.open, to.connections.open, 0)
  more('connections that close', 0, to.connections.closing, 0)
  // Screens ask while this is measured.
  more('input that is kept', 0, to.buffered.input, 10_000)
  more('output that is kept', 0, to.buffered.output, 10_000)
  return problems
}
