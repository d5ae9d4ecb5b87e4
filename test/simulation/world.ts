/** Everything that a run is made of, and the steps of its script carried out. */
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import type { InputBudget } from '../../lib/server/requests/input-budget.ts'
import type { Edit } from '../helpers/making-edits.ts'
import { SimClient } from './client.ts'
import { Clock } from './clock.ts'
import type { Counts } from './counts.ts'
import { History } from './history.ts'
import type { Link } from './link.ts'
import { SimPeer } from './peer.ts'
import { Random } from './random.ts'
import type { Script, Step } from './script.ts'
import type { Side, Sight } from './server.ts'
import { editState, newState, seen, SimServer } from './server.ts'
import { SimStore } from './store.ts'
import type { ClientSocket } from './sockets.ts'
import { judge } from './tokens.ts'
import type { Token } from './tokens.ts'

export class World {
  readonly script: Script
  readonly counts: Counts
  readonly clock: Clock
  /** For what is drawn while it runs. */
  readonly runtime: Random
  readonly clients: SimClient[]
  readonly peers: SimPeer[] = []
  readonly links = new Set<Link>()
  readonly store = new SimStore((what) => this.fail(what))
  readonly tokens = new Map<number, Token>()
  readonly budgets = new Set<InputBudget>()
  /** What clients wait for. */
  readonly pending = new Set<string>()
  /** Servers that are on their way out. */
  stopping = 0
  readonly servers: SimServer[] = []
  readonly #histories = new Map<State<JsonValue>, History>()
  readonly #seen = new Map<State<JsonValue>, Map<string, History>>()
  readonly #seqs = new Map<object, number>()
  readonly #presses = new Map<string, number>()
  readonly #log: string[] | undefined
  #numbers = 0
  failure: string | undefined

  constructor (script: Script, counts: Counts, log: string[] | undefined) {
    this.script = script
    this.counts = counts
    this.#log = log
    this.runtime = new Random(script.seed, 2)
    this.clock = new Clock(new Random(script.seed, 3), script.lag, (error) => this.fail(`thrown: ${(error as Error).stack}`))
    this.clients = script.clients.map((options, index) => new SimClient(this, index, options))
  }

  /** Begins; the clock is there. */
  start (): void {
    const { shared, initial, server } = this.script
    if (this.script.lag > 0) this.counts.lateTimers++
    this.servers.push(new SimServer(this, server, shared ? newState(initial) : undefined))
  }

  get server (): SimServer {
    return this.servers[this.servers.length - 1]!
  }

  log (line: () => string): void {
    this.#log?.push(`${this.clock.now} ${line()}`)
  }

  /** Something is wrong. The run ends with the first that is. */
  fail (what: string): void {
    if (this.failure !== undefined) return
    this.failure = what
    this.log(() => `FAILED ${what}`)
  }

  next (): number {
    return ++this.#numbers
  }

  historyOf (state: State<JsonValue>): History {
    let history = this.#histories.get(state)
    if (history === undefined) {
      this.#histories.set(state, history = new History(state))
      if (this.script.watched) state.onChange(() => {})
    }
    return history
  }

  /** The same of what is seen of it. */
  seenOf (state: State<JsonValue>, sight: Sight): History {
    let histories = this.#seen.get(state)
    if (histories === undefined) this.#seen.set(state, histories = new Map())
    const key = JSON.stringify(sight)
    let history = histories.get(key)
    if (history === undefined) histories.set(key, history = new History(state, (value) => seen(value, sight)))
    return history
  }

  /** How many histories of a state are written. */
  historiesOf (state: State<JsonValue>): number {
    return 1 + (this.#seen.get(state)?.size ?? 0)
  }

  edit (state: State<JsonValue>, edits: readonly Edit[]): void {
    this.counts.edits += edits.length
    editState(state, edits)
    this.log(() => `state: ${state.stringify()}`)
  }

  /** A line to the server is asked for. */
  arrive (link: Link, socket: ClientSocket, { searchParams }: URL, remote: string, told: (side: Side) => void): void {
    const { clock } = this
    const { latency } = link.line
    const refused = (code: string) => clock.after(latency, () => {
      link.server.destroy()
      socket.refused(Object.assign(new Error(code), { code }))
    })
    clock.after(latency, () => {
      if (socket.isOver || link.server.destroyed || this.server.isDown) return refused('ECONNREFUSED')
      try {
        const side = this.server.accept(link, { ...Object.fromEntries(searchParams), path: searchParams.getAll('path') }, remote)
        this.log(() => `server: ${remote} has connected`)
        told(side)
      } catch (error) {
        return refused((error as { code: string }).code)
      }
      clock.after(latency, () => {
        if (link.client.destroyed) socket.refused(new Error('ECONNRESET'))
        else socket.opened()
      })
    })
  }

  token (owner: object, name: string, isCommand = false): number {
    const t = this.next()
    const seq = (this.#seqs.get(owner) ?? 0) + 1
    this.#seqs.set(owner, seq)
    this.tokens.set(t, { t, seq, name, isCommand, deadline: Infinity, expect: undefined, runs: 0, refused: false })
    return t
  }

  /** A request begins to run. */
  began (side: Side, t: number): void {
    const token = this.tokens.get(t)!
    token.runs++
    this.log(() => `server: '${token.name}' ${t} runs`)
    if (token.runs > 1) this.fail(`'${token.name}' ${t} runs twice`)
    if (token.refused) this.fail(`'${token.name}' ${t} runs, and its sender knows that it does not`)
    if (this.clock.now > token.deadline) this.fail(`command ${t} begins ${this.clock.now - token.deadline} ms too late`)
    if (token.seq <= side.lastRun && !side.server.options.parallelRequests) this.fail(`'${token.name}' ${t} runs behind a later request`)
    side.lastRun = token.seq
  }

  /** A command begins to run whose key others have as well. */
  pressed (k: string, v: number): void {
    this.log(() => `server: press ${k} ${v} runs`)
    if (this.clock.now > this.#presses.get(`${k} ${v}`)!) this.fail(`command ${k} begins too late`)
  }

  /** The network is well, and everybody can come to rest. */
  heal (): void {
    for (const link of this.links) link.heal()
  }

  perform (step: Step): void {
    this.counts.steps++
    this.log(() => `step ${JSON.stringify(step)}`)
    switch (step.do) {
      case 'edit': {
        const state = step.own === null ? this.server.history?.state : this.#side(step.own)?.history.state
        if (state !== undefined) this.edit(state, step.edits)
        break
      }
      case 'send': for (let i = 0; i < step.count; i++) this.#send(step); break
      case 'ask': this.peers[step.peer % (this.peers.length || 1)]?.ask(step.names, step.ms); break
      case 'command': this.#command(step); break
      case 'notify': {
        const side = step.to === null ? undefined : this.#side(step.to)
        if (step.to !== null && side === undefined) break
        for (let i = 0; i < step.count; i++) this.server.notify(side, step.flush && i !== 2, step.size)
        break
      }
      case 'flush':
        if (step.to === null) void this.server.engine.connections.flush(undefined)
        else this.#side(step.to)?.connection.flush().catch(() => {})
        break
      case 'connect': void this.clients[step.client]!.connect(); break
      case 'close': void this.clients[step.client]!.close(); break
      case 'peer': this.peers.push(new SimPeer(this, step.pongs, this.clients[0]!.options.line)); break
      case 'cut': this.#link(step.line)?.cut(step.up, step.bytes, step.by); break
      case 'stall': this.#link(step.line)?.stall(step.up, step.ms); break
      case 'half': this.#link(step.line)?.die(); break
      case 'late': this.#link(step.line)?.closeLate(step.ms); break
      case 'watch': void this.clients[step.client]!.client?.watch(step.paths).catch((error) => { if (error.code !== 'JUGGLER_CONNECTION_CLOSED') this.fail(`client ${step.client} cannot watch: ${error}`) }); break
      case 'wake': this.clients[step.client]!.page?.onWake(); break
      case 'away': this.clients[step.client]!.leavePage(step.ms); break
      case 'slow': this.clients[step.client]!.slow(step.ms); break
      case 'restart': this.#restart(step); break
      case 'drain': this.#drain(step.over); break
      case 'end': {
        const side = this.#side(step.to)
        if (side === undefined) break
        side.link.isTouched = true
        void side.connection.close(4000, 'enough')
      }
    }
  }

  #side (n: number): Side | undefined {
    const { open } = this.server
    return open[n % (open.length || 1)]
  }

  /** The line of a client, or beyond those of a peer. */
  #link (n: number): Link | undefined {
    const { length } = this.clients
    const link = n < length ? this.clients[n]!.link : this.peers[(n - length) % (this.peers.length || 1)]?.link
    return link?.isOver === false ? link : undefined
  }

  #wait (what: string, answer: Promise<unknown>, then: (outcome: { data: JsonValue } | { error: unknown }) => string | undefined): void {
    this.pending.add(what)
    const settled = (outcome: { data: JsonValue } | { error: unknown }) => {
      this.pending.delete(what)
      this.log(() => `${what}: ${'data' in outcome ? JSON.stringify(outcome.data) : outcome.error}`)
      const problem = then(outcome)
      if (problem !== undefined) this.fail(problem)
    }
    answer.then((data) => settled({ data: data as JsonValue }), (error: unknown) => settled({ error }))
  }

  #send ({ client: index, name, ms, edits, flush, timeout }: Step & { do: 'send' }): void {
    const client = this.clients[index]!
    if (!client.isThere) return
    this.counts.requests++
    const t = this.token(client, name)
    const token = this.tokens.get(t)!
    const wasOpen = client.client!.status === 'open'
    const data = name === 'edit' || name === 'tell' ? { t, ms, edits, flush } : { t, ms }
    this.#wait(`request ${t}`, client.send(name, data, timeout === null ? {} : { timeout }), (outcome) => judge(token, outcome, wasOpen))
  }

  #command ({ client: index, ms, key, variant, expires, expect, timed }: Step & { do: 'command' }): void {
    const client = this.clients[index]!
    if (!client.isThere) return
    this.counts.commands++
    const { onceWindow } = this.server.options
    const most = expires ?? (onceWindow < 10_000 ? 1200 : 10_000)
    const wasOpen = client.client!.status === 'open'
    if (key !== null) {
      const k = `${client.scope} ${key}`
      const known = this.#presses.get(`${k} ${variant}`) ?? 0
      this.#presses.set(`${k} ${variant}`, Math.max(known, this.clock.now + most))
      const answer = client.send('press', { k, v: variant, ms: key === 0 ? 0 : 9000 }, { key: `order ${key}`, expires: most })
      this.#wait(`press ${k} ${this.next()}`, answer, (outcome) => 'data' in outcome && (outcome.data as { v: number }).v !== variant
        ? `command ${k} ${variant} is told the outcome of another one`
        : undefined)
      return
    }
    const name = timed ? 'act in time' : 'act'
    const t = this.token(client, name, true)
    const token = this.tokens.get(t)!
    token.deadline = this.clock.now + most
    if (expect !== null) {
      token.expect = { path: '', value: expect === 'same' ? JSON.parse(client.client!.state.stringify()) as JsonValue : 'nothing like it' }
    }
    const options = { key: true as const, expires: most, ...(token.expect && { expect: token.expect }) }
    this.#wait(`command ${t}`, client.send(name, { t, ms }, options), (outcome) => judge(token, outcome, wasOpen))
  }

  #restart ({ graceful, keep, ms, framing, initial }: Step & { do: 'restart' }): void {
    if (this.stopping > 0) return
    this.stopping++
    const old = this.server
    if (graceful) this.counts.stopped++
    this.counts[keep ? 'restartKept' : 'restartLost']++
    const until = this.clock.now + ms
    void old.stop(graceful).then(() => this.clock.after(Math.max(0, until - this.clock.now), () => {
      this.#follow(old, keep ? undefined : initial, framing)
    }))
  }

  #drain (over: number): void {
    if (this.stopping > 0) return
    this.stopping++
    this.counts.drained++
    const old = this.server
    old.isLeaving = true
    for (const side of old.sides.values()) side.link.isTouched = true
    void old.engine.connections.drain(over, old.options.handlerTimeout).then(() => old.stop(true)).then(() => this.#follow(old, undefined, old.options.framing))
  }

  /** The next server begins. @param initial - undefined: with the state that the last one had */
  #follow (old: SimServer, initial: JsonValue | undefined, framing: Script['server']['framing']): void {
    this.stopping--
    const change = !this.script.reads && framing !== old.options.framing
    if (change) this.counts.framingChanged++
    const state = old.history === undefined
      ? undefined
      : newState(initial === undefined ? JSON.parse(old.history.state.stringify()) as JsonValue : initial)
    this.log(() => 'server: another one begins')
    this.servers.push(new SimServer(this, { ...old.options, framing }, state))
  }
}
