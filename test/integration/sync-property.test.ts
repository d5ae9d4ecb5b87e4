/**
 * The property that everything stands on: whatever is done to a state, and whoever comes and goes meanwhile, a client
 * that applies what it is sent ends equal to the server.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { patch as stockPatch } from '@hat-open/util/patch.js'
import fc from '../helpers/fast-check.ts'
import Fastify from 'fastify'
import t from 'tap'
import juggler, { createState } from '../../lib/index.ts'
import type { JsonValue } from '../../types/json.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import type { Connection, Juggler } from '../../types/server.ts'
import type { State } from '../../types/state.ts'
import { applyPatch } from '../helpers/conformance/apply-patch.ts'
import { RawClient } from '../helpers/conformance/raw-client.ts'
import { edit, json, make } from '../helpers/edits.ts'
import type { Edit } from '../helpers/edits.ts'

// One registration for each, on one state: its journals must not get into each other's way. Where a single unsent byte
// counts as slow, a client that is stalled falls behind, and catches up when it goes on.
const everyChange: FastifyJugglerOptions = { autoflushDelay: 0 }
const registrations: FastifyJugglerOptions[] = [
  everyChange,
  { autoflushDelay: 5 },
  { autoflushDelay: null },
  { autoflushDelay: 0, maxBufferedBytes: 1 },
  { autoflushDelay: 5, maxBufferedBytes: 1 }
]
const maxClients = 8
/** How long (ms) a client may take to come to the newest state before the property counts as broken. */
const patience = 5000
/** How long (ms) sequences are begun: a slow machine tries fewer. */
const budget = 12_000

type Step =
  | { do: 'edit', edits: Edit[] }
  | { do: 'join', registration: number }
  | { do: 'leave', client: number }
  | { do: 'flush', client: number }
  | { do: 'read', client: number }
  | { do: 'stall', client: number }
  | { do: 'wait', duration: number }

const which = fc.nat(maxClients - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('edit' as const), edits: fc.array(edit, { minLength: 1, maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), registration: fc.nat(registrations.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), client: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const), client: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), client: which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('stall' as const), client: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), duration: fc.nat(8) }) }
)

/** A client that applies every patch with two libraries, neither of them ours. */
class Follower {
  readonly raw: RawClient
  readonly connection: Connection
  readonly registration: FastifyJugglerOptions
  /** What its state was after each message, without repetitions; the same for the server's state since it joined. */
  readonly seen: string[] = []
  readonly made: string[] = []
  readonly #state: State
  readonly #unsubscribe: () => void
  #stalled = false
  #byFastJsonPatch: JsonValue = null
  #byStockClient: JsonValue = null

  constructor (raw: RawClient, connection: Connection, state: State, registration: FastifyJugglerOptions) {
    this.raw = raw
    this.connection = connection
    this.registration = registration
    this.#state = state
    push(this.made, state.stringify())
    this.#unsubscribe = state.onChange(() => { push(this.made, state.stringify()) })
    push(this.seen, 'null')
  }

  /** Holds back, or lets go, what the server's socket for this client has to send. */
  stall (on = !this.#stalled): void {
    if (on === this.#stalled) return
    this.#stalled = on
    const { socket } = this.connection.request.raw
    if (on) socket.cork()
    else socket.uncork()
  }

  async catchUp (): Promise<void> {
    this.stall(false)
    for (const message of await this.raw.messagesUntilEcho()) {
      this.#byFastJsonPatch = applyPatch(this.#byFastJsonPatch, message.diff)
      this.#byStockClient = stockPatch(message.diff, this.#byStockClient) as JsonValue
      push(this.seen, canonical(this.#byFastJsonPatch))
    }
  }

  /** Whether it holds what the server holds. */
  get current (): boolean {
    return canonical(this.#byFastJsonPatch) === canonical(JSON.parse(this.#state.stringify()))
  }

  /** Throws unless it holds what the server holds. */
  check (): void {
    const expected = JSON.parse(this.#state.stringify()) as JsonValue
    same(this.#byFastJsonPatch, expected, 'applied by fast-json-patch')
    same(this.#byStockClient, expected, 'applied by the stock client')
    // Nor is one left out, where nothing makes it wait.
    if (this.registration !== everyChange) return
    const made = this.made.map((text) => canonical(JSON.parse(text)))
    if (made[0] !== 'null') made.unshift('null')
    same(this.seen, made, 'every change by itself, in order')
  }

  async leave (): Promise<void> {
    this.stall(false)
    this.#unsubscribe()
    this.raw.ws.close()
    await this.connection.closed
  }
}

function push (list: string[], text: string): void {
  if (list.at(-1) !== text) list.push(text)
}

/** One text for each value: the order of members is no part of it. */
const canonical = (value: JsonValue): string => JSON.stringify(sorted(value))

function sorted (value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key]!)]))
}

function same (actual: JsonValue, expected: JsonValue, what: string): void {
  const [is, shouldBe] = [canonical(actual), canonical(expected)]
  if (is !== shouldBe) throw new Error(`${what}: ${is} should be ${shouldBe}`)
}

t.test('whatever is done to the state, every client that applies the diffs ends equal to the server', async (t) => {
  const app = Fastify()
  let state = createState()
  let accepted: (connection: Connection) => void = () => {}
  for (const [index, options] of registrations.entries()) {
    const name = `juggler${index}`
    await app.register(juggler, { name, wsPath: `/${index}`, state: () => state, serveClient: false, ...options })
    const registered = (app as unknown as Record<string, Juggler>)[name]!
    registered.onConnection((connection) => accepted(connection))
  }
  const address = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('http', 'ws')
  t.teardown(() => app.close())

  let runs = 0
  const deadline = Date.now() + budget
  await fc.assert(fc.asyncProperty(json, fc.array(step, { minLength: 1, maxLength: 30 }), async (initial, steps) => {
    // Not fast-check's own interruption: that leaves the sequence it interrupts running, beside the end of the test.
    if (Date.now() > deadline) return
    runs++
    state = createState(initial)
    const followers: Array<Follower | undefined> = []
    const open = (client: number) => followers[client % (followers.length || 1)]
    const join = async (registration: number) => {
      const connected = new Promise<Connection>((resolve) => { accepted = resolve })
      const raw = new RawClient(`${address}/${registration}`)
      // Watching the server's state must begin with the connection, not a turn later.
      const follower = connected.then((connection) => new Follower(raw, connection, state, registrations[registration]!))
      await raw.open()
      followers.push(await follower)
    }
    try {
      for (const registration of registrations.keys()) await join(registration)
      for (const step of steps) {
        switch (step.do) {
          case 'edit': for (const one of step.edits) make(state, one); break
          case 'join': if (followers.length < maxClients) await join(step.registration); break
          case 'leave': {
            const follower = open(step.client)
            if (follower === undefined) break
            followers[followers.indexOf(follower)] = undefined
            await follower.leave()
            break
          }
          case 'flush': open(step.client)?.connection.flush(); break
          case 'read': await open(step.client)?.catchUp(); break
          case 'stall': open(step.client)?.stall(); break
          case 'wait': await sleep(step.duration)
        }
      }
      for (const follower of followers) {
        if (follower === undefined) continue
        await follower.catchUp()
        if (follower.registration.autoflushDelay === null) {
          await follower.connection.flush()
          await follower.catchUp()
        }
        // Without a flush: by itself it must come to the newest state, soon.
        for (const deadline = Date.now() + patience; !follower.current && Date.now() < deadline; await follower.catchUp()) await sleep(1)
        follower.check()
      }
    } finally {
      for (const follower of followers) await follower?.leave()
    }
  }), { numRuns: 250 })
  t.ok(runs > 20, `${runs} sequences`)
})
