/**
 * What every test of a fault has: a server whose state changes all the time, clients that watch, and the question after
 * each fault whether it is as if nothing had happened.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { ConnectOptions } from '../../../types/client.ts'
import { beat, lag, punctual } from './child.ts'
import type { Report } from './clients.ts'
import { Child } from './processes.ts'
import type { Probe, Start } from './server.ts'

/** Keepalive of the server, and of clients that faults happen to: they are noticed after 1.5 s. */
export const pings = { pingDelay: 500, pingTimeout: 1000 }
/** When a dead peer has been noticed at the latest, in ms, with what a busy machine takes. */
export const noticed = pings.pingDelay + pings.pingTimeout + 2500
/** Long enough (ms) for a verdict of keepalive that would be wrong. */
export const silence = pings.pingDelay + pings.pingTimeout + 200

/** How many watch. */
const count = 3
/** They are not to give up a server that is held up for 2 s. */
const patient: ConnectOptions = { pingDelay: 2000, pingTimeout: 8000 }
const victimOptions: ConnectOptions = { ...pings, reconnect: { minDelay: 10, maxDelay: 200 } }

/** Longest time in ms in which a watcher may see no change, though there are twenty a second. */
const longestGap = 1500
/** What the heap, and buffers outside of it, may have grown by, in bytes, once all is over. */
const growth = { heap: 4 * 1024 * 1024, buffers: 2 * 1024 * 1024 }
/** How long in ms things may take to come to rest. */
const patience = 15_000

export interface PlantOptions extends Start {
  /** The namespace of the network that server and watchers live in. */
  namespace?: string
  /** Of the watchers. */
  client?: ConnectOptions
  scheme?: 'ws' | 'wss'
}

/** Whether watchers saw anything. */
interface Expected {
  /** ms in which nothing could come, since the server itself was held up. */
  heldUp?: number
  /** Whether the state is that of `?big=1`. */
  big?: boolean
}

export class Plant {
  server: Child
  readonly watchers: Child
  readonly port: number
  /** Of the WebSocket, with `?`. */
  readonly url: string
  #baseline: Probe
  readonly #options: PlantOptions
  /** Processes that have been victims, and may be again. */
  readonly #idle: Array<{ child: Child, namespace: string | undefined }> = []
  readonly #namespaces = new WeakMap<Child, string | undefined>()
  /** What its processes end with. */
  readonly #t: Test

  private constructor (t: Test, server: Child, watchers: Child, port: number, url: string, baseline: Probe, options: PlantOptions) {
    this.#t = t
    this.server = server
    this.watchers = watchers
    this.port = port
    this.url = url
    this.#baseline = baseline
    this.#options = options
  }

  static async start (t: Test, options: PlantOptions = {}): Promise<Plant> {
    const { namespace, client, scheme = 'ws', ...start } = options
    const [server, watchers, first] = await Promise.all([
      Child.start(t, 'server', namespace), Child.start(t, 'clients', namespace), Child.start(t, 'clients', namespace)
    ])
    const port = await server.ask<number>('start', { ...start, options: { ...pings, ...start.options } })
    const url = `${scheme}://127.0.0.1:${port}/ws?`
    // What the first connection leaves behind for good is none of a fault's.
    for (const query of ['', 'big=1']) {
      await first.ask('connect', `${url}${query}`, 1, { ...patient, ...client })
      await first.ask('send', 'ask', 1)
      await first.ask('close')
    }
    await watchers.ask('connect', url, count, { ...patient, ...client })
    t.teardown(beat())
    const plant = new Plant(t, server, watchers, port, url, await server.ask<Probe>('probe'), options)
    plant.#idle.push({ child: first, namespace })
    while (plant.#baseline.connections !== count) plant.#baseline = await server.ask<Probe>('probe')
    punctual()
    return plant
  }

  /** A client that a fault is to happen to. */
  async victim (url = this.url, options: ConnectOptions = {}, namespace = this.#options.namespace): Promise<Child> {
    // To start a process takes longer than most faults.
    const found = this.#idle.findIndex((one) => one.namespace === namespace && one.child.isAlive)
    const victim = found === -1 ? await Child.start(this.#t, 'clients', namespace) : this.#idle.splice(found, 1)[0]!.child
    this.#namespaces.set(victim, namespace)
    await victim.ask('connect', url, 1, { ...victimOptions, ...this.#options.client, ...options })
    return victim
  }

  probe (): Promise<Probe> {
    return this.server.ask<Probe>('probe')
  }

  /** Ends the server the hard way. */
  async kill (): Promise<void> {
    await this.server.kill()
  }

  /** Starts another one at the same port. */
  async restart (): Promise<void> {
    const { namespace, client, scheme, ...start } = this.#options
    this.server = await Child.start(this.#t, 'server', namespace)
    await this.server.ask<number>('start', { ...start, port: this.port, options: { ...pings, ...start.options } })
  }

  /** After a restart: everybody is back, and what follows is compared with how it is now. */
  async settled (t: Test, victims: number): Promise<void> {
    t.ok(await this.connections(victims) < Infinity, 'everybody is back')
    t.ok(await this.watchers.ask('equals', await this.server.ask('hold', false), patience), 'and shows what the server has')
    await this.server.ask('go')
    await this.watchers.ask('reset')
    this.#baseline = await this.probe()
    punctual()
  }

  /** Waits until so many connections are there beside the watchers'. @returns how long it took, in ms */
  async connections (beside: number): Promise<number> {
    const start = performance.now()
    while (await this.server.ask<number>('connections') !== count + beside) {
      if (performance.now() - start > patience) return Infinity
      await sleep(20)
    }
    return performance.now() - start
  }

  /**
   * After a fault: the others have seen nothing, everybody shows what the server has, and once the victims have left it
   * is as it was before they came.
   */
  async rests (t: Test, victims: readonly Child[] = [], { heldUp = 0, big = false }: Expected = {}): Promise<void> {
    await Promise.all(victims.map((victim) => victim.ask('equals', null, patience)))
    await this.#unseen(t, heldUp)
    t.ok(await this.watchers.ask('equals', await this.server.ask('hold', false), patience), 'others: they show what the server has')
    for (const victim of victims) {
      t.ok(await victim.ask('equals', await this.server.ask('hold', big), patience), 'the victim shows what the server has')
      await victim.ask('close')
      this.#idle.push({ child: victim, namespace: this.#namespaces.get(victim) })
    }
    await this.server.ask('go')
    await this.watchers.ask('reset')
    punctual()
    await this.#returns(t)
    // Nor of what came late, or of the victims' leaving.
    await this.#unseen(t, 0)
  }

  /** The others have seen nothing since the last call. */
  async #unseen (t: Test, heldUp: number): Promise<void> {
    const seen = await this.watchers.ask<Report>('report')
    // A busy machine holds up these processes as well, which is none of the fault's.
    const late = seen.lag + lag()
    t.ok(seen.gap < longestGap + heldUp + late, `others: the longest pause was ${Math.round(seen.gap)} ms (timers were up to ${Math.round(late)} ms late)`)
    t.same([seen.lost, seen.stale, seen.backwards], [[], false, 0], 'others: no connection was lost, nothing was stale, no older state came back')
    await this.watchers.ask('reset')
    punctual()
  }

  /** The server is as it was. */
  async #returns (t: Test): Promise<void> {
    const before = this.#baseline
    const more = (now: Probe) => Object.entries(now.resources).filter(([kind, n]) => n > (before.resources[kind] ?? 0)).map(([kind, n]) => `${n} ${kind}`)
    const isBack = (now: Probe) => now.connections === count && more(now).length === 0 &&
      now.heap - before.heap < growth.heap && now.buffers - before.buffers < growth.buffers
    let now = await this.probe()
    for (const deadline = performance.now() + patience; !isBack(now) && performance.now() < deadline;) {
      await sleep(50)
      now = await this.probe()
    }
    const kilobytes = (bytes: number) => `${Math.round(bytes / 1024)} kB`
    t.equal(now.connections, count, 'the server has the connections that it had')
    t.same(more(now), [], 'it holds no more handles')
    t.ok(now.heap - before.heap < growth.heap, `heap: ${kilobytes(now.heap - before.heap)} more than before`)
    t.ok(now.buffers - before.buffers < growth.buffers, `buffers: ${kilobytes(now.buffers - before.buffers)} more than before`)
    t.same(now.errors, [], 'it has logged no error')
  }
}
