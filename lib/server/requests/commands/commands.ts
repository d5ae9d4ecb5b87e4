/** Requests that carry a key: each runs at most once, and its outcome is told to whoever asks again. docs/commands.md. */
import type { JsonValue, Path } from '../../../../types/json.ts'
import type { RequestMessage } from '../../../../types/protocol.ts'
import type { Connection } from '../../../../types/server.ts'
import type { FastifyRequest } from 'fastify'
import { equal } from '../../../json/equal.ts'
import type { JugglerError } from '../../../errors.ts'
import { describe } from '../../describe.ts'
import { refusal } from '../failures.ts'
import type { Monitor } from '../../operations/monitor.ts'
import type { Route } from '../router.ts'
import { digestOf } from './digest.ts'
import type { Claim, CommandMemory, CommandOutcome } from './memory.ts'

/** Longest key in characters, and longest name that a client without a user gives itself. */
const maxKey = 128

export interface CommandSettings {
  readonly memory: CommandMemory
  readonly monitor: Pick<Monitor, 'limit'>
  /** How long outcomes are remembered, in ms. */
  readonly onceWindow: number
  /** Whose the commands of a connection are. */
  readonly user: ((request: FastifyRequest) => string | undefined) | undefined
  /** Something went wrong that the operator should know of. */
  readonly warn: (text: string) => void
}

/** The members of a request that make it a command, as far as they have been checked. */
interface Command {
  readonly key: string
  /** When it must have begun to run, on the clock of `performance.now()`. */
  readonly expires: number | undefined
  readonly expect: { readonly path: Path, readonly value: JsonValue } | undefined
}

/**
 * What is to be done about a command: it is to be run under a name, and then settled; or there is an outcome, which is
 * undefined where the command was released meanwhile, so that this one is to begin again.
 */
export type Begun =
  | { readonly name: string, readonly outcome?: undefined }
  | { readonly name?: undefined, readonly outcome: CommandOutcome | Promise<CommandOutcome | undefined> }

export class Commands {
  readonly #settings: CommandSettings
  readonly #scopes = new WeakMap<Connection, string>()
  /** The newest connection of a client that has asked for the clock. */
  readonly #newest = new Map<string, Connection>()
  /** Connections whose clients have a newer one. */
  readonly #superseded = new WeakSet<Connection>()
  #journalMember: string | undefined
  #wasFull = false

  constructor (settings: CommandSettings) {
    this.#settings = settings
  }

  /** The name of the memory. */
  get journal (): string {
    return this.#settings.memory.journal
  }

  /** What answers to commands carry beside the data: the memory's name, and the clock that deadlines are told in. */
  members (): string {
    this.#journalMember ??= `,"journal":"${this.journal}","now":`
    return this.#journalMember + Math.round(performance.now())
  }

  /** What tells two commands apart that have the same key; to be made before anything changes the data. */
  digest ({ name, data }: RequestMessage): number {
    return digestOf(`${name}\n${JSON.stringify(data)}`)
  }

  /**
   * Looks whether a command is to be run.
   *
   * @returns a promise where the memory answers with one
   * @throws JugglerError it was refused and has not been run; of `JUGGLER_OUTCOME_UNKNOWN` nobody can say
   */
  begin (connection: Connection, request: RequestMessage, { options }: Route, digest: number): Begun | Promise<Begun> {
    const command = readCommand(request)
    if (options.once !== true) {
      throw refusal('JUGGLER_KEY_REFUSED', 'requests of this name are no commands: their handler has no memory (once)')
    }
    const { memory, onceWindow } = this.#settings
    if (request.journal !== undefined && request.journal !== memory.journal) {
      throw outcomeUnknown('the server has another memory than the one that the command was sent to first')
    }
    const name = this.#scope(connection) + command.key
    // It is remembered for the window after its deadline: until then nobody can know that it has not run.
    const wait = command.expires === undefined ? 0 : Math.max(0, command.expires - performance.now())
    const claim = memory.claim(name, digest, Math.min(wait, onceWindow) + onceWindow)
    return claim instanceof Promise
      ? claim.then((claim) => this.#begun(connection, command, name, claim))
      : this.#begun(connection, command, name, claim)
  }

  /**
   * Looks whether a command has come before, without running it.
   *
   * @returns its outcome; undefined: it has not run
   * @throws JugglerError `JUGGLER_OUTCOME_UNKNOWN`; a promise rejects with it
   */
  async look (connection: Connection, request: RequestMessage, route: Route, digest: number): Promise<CommandOutcome | undefined> {
    for (;;) {
      let begun: Begun
      try {
        begun = await this.begin(connection, request, route, digest)
      } catch (error) {
        if (Object(Object(error).data).code === 'JUGGLER_OUTCOME_UNKNOWN') throw error
        return undefined
      }
      if (begun.name !== undefined) {
        await this.#settings.memory.release(begun.name)
        return undefined
      }
      const outcome = await begun.outcome
      if (outcome !== undefined) return outcome
    }
  }

  /**
   * A client asks for the clock, as it does before its first command on a connection. From here on it is told on its
   * newest connection what has become of its commands, and those that come in late on one that it has given up must not
   * be run after that.
   */
  asked (connection: Connection): void {
    const name = clientOf(connection.request)
    if (name === undefined) return
    const other = this.#newest.get(name)
    if (other === connection) return
    if (other !== undefined) {
      // The question itself may be one that comes in late.
      const isNewer = numberOf(connection) > numberOf(other)
      this.#superseded.add(isNewer ? other : connection)
      if (!isNewer) return
    }
    this.#newest.set(name, connection)
    void connection.closed.then(() => { if (this.#newest.get(name) === connection) this.#newest.delete(name) })
  }

  /** The command that was to be run has run. */
  settle (name: string, outcome: CommandOutcome): void | Promise<void> {
    return this.#settings.memory.settle(name, outcome)
  }

  #begun (connection: Connection, command: Command, name: string, claim: Claim): Begun {
    switch (claim.kind) {
      case 'known': return claim
      case 'evicted': throw outcomeUnknown('the command has run, and its outcome had to make room for others')
      case 'different': throw refusal('JUGGLER_KEY_REUSED', 'the key belongs to another command')
      case 'full': throw this.#full(connection)
    }
    try {
      this.#check(connection, command)
    } catch (error) {
      // Where that takes time, whoever asks again meanwhile waits for it.
      void this.#settings.memory.release(name)
      throw error
    }
    return { name }
  }

  /** What must hold at the moment that a command begins to run. */
  #check (connection: Connection, { expires, expect }: Command): void {
    const { onceWindow } = this.#settings
    if (this.#superseded.has(connection)) throw outcomeUnknown('the client has connected again meanwhile')
    if (expires !== undefined) {
      const late = performance.now() - expires
      if (late >= onceWindow) throw outcomeUnknown('it is too long ago that the command should have run')
      if (late > 0) throw refusal('JUGGLER_EXPIRED', 'the command has not been run: it came too late')
      if (-late > onceWindow) throw invalid(`'expires' is further away than outcomes are remembered (${onceWindow} ms)`)
    }
    if (expect === undefined) return
    let value: JsonValue
    try {
      // Of what the client may not see, neither the value nor whether it was guessed.
      value = connection.view.get(expect.path) as JsonValue
    } catch {
      throw invalid("'expect' needs a path")
    }
    if (!equal(value, expect.value)) {
      throw refusal('JUGGLER_CONFLICT', 'the command has not been run: the state has another value', { path: expect.path as string, value })
    }
  }

  /** Whose keys these are. */
  #scope (connection: Connection): string {
    let scope = this.#scopes.get(connection)
    if (scope === undefined) this.#scopes.set(connection, scope = this.#scopeOf(connection))
    return scope
  }

  #scopeOf ({ id, request }: Connection): string {
    const user: unknown = this.#settings.user === undefined ? request.jugglerUser : this.#settings.user(request)
    if (typeof user === 'string') return `user ${user.length} ${user} `
    if (user !== undefined) throw new Error(`option 'user' returned ${describe(user)}, expected a string or undefined`)
    const client = clientOf(request)
    return client === undefined ? `connection ${id} ` : `client ${client.length} ${client} `
  }

  #full (connection: Connection): JugglerError {
    this.#settings.monitor.limit('commands', connection)
    if (!this.#wasFull) {
      this.#wasFull = true
      setTimeout(() => { this.#wasFull = false }, 10_000).unref()
      this.#settings.warn('commands are refused: as many as can be remembered have come within the time that they are remembered')
    }
    return refusal('JUGGLER_COMMANDS_FULL', 'the command has not been run: too many have come to remember another one')
  }
}

/** The name that a client has given itself. */
function clientOf ({ query }: FastifyRequest): string | undefined {
  const { journal } = Object(query) as { journal?: unknown }
  return typeof journal === 'string' && journal !== '' && journal.length <= maxKey ? journal : undefined
}

/** Ids count up. */
const numberOf = ({ id }: Connection): number => Number(id.slice(1))

const invalid = (message: string): JugglerError => refusal('JUGGLER_COMMAND_INVALID', message)
export const outcomeUnknown = (reason: string): JugglerError =>
  refusal('JUGGLER_OUTCOME_UNKNOWN', `whether the command has run cannot be said: ${reason}`)

/** @throws JugglerError `JUGGLER_COMMAND_INVALID` */
function readCommand ({ key, journal, expires, expect }: RequestMessage): Command {
  if (key === undefined) throw invalid("'expires' and 'expect' go with a key")
  if (typeof key !== 'string' || key === '' || key.length > maxKey) throw invalid(`a key is a text of 1 to ${maxKey} characters`)
  if (journal !== undefined && typeof journal !== 'string') throw invalid("'journal' is a text")
  if (expires !== undefined && typeof expires !== 'number') throw invalid("'expires' is a time in ms, on the server's clock")
  if (expect === undefined) return { key, expires, expect }
  const { path, value } = Object(expect) as { path?: Path, value?: JsonValue }
  if (path === undefined || value === undefined) throw invalid("'expect' has a path and a value")
  return { key, expires, expect: { path, value } }
}
