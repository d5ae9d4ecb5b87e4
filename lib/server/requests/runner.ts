/** Carries out one request: hooks, checks, the handler, and the text of the answer. */
import type { JsonValue } from '../../../types/json.ts'
import type { RequestId, RequestMessage } from '../../../types/protocol.ts'
import type { Connection, HookRequest, RequestContext } from '../../../types/server.ts'
import { encodeAnswer, parseRequest, stringify } from '../../protocol/messages.ts'
import { outcomeUnknown } from './commands/commands.ts'
import type { Begun, Commands } from './commands/commands.ts'
import { HandlerContext } from './context.ts'
import { HandlerDeadline } from './deadline.ts'
import { failureText, refusal } from './failures.ts'
import type { FailureSettings } from './failures.ts'
import type { Hooks } from './hooks.ts'
import type { PoisoningGuard } from './poisoning.ts'
import type { Route, Router } from './router.ts'

export interface RunnerSettings extends FailureSettings {
  readonly router: Router
  readonly hooks: Hooks
  readonly guard: PoisoningGuard
  readonly commands: Commands
  /** Aborts when the server shuts down. */
  readonly shutdown: AbortSignal
}

/** How a request ended; `text` is the answer's data as JSON. */
export interface Answer {
  readonly success: boolean
  readonly text: string
  readonly error?: unknown
}

/** A request with a key, under way. */
interface Command {
  readonly connection: Connection
  readonly request: RequestMessage
  readonly route: Route
  /** Made of what was sent, before hooks and defaults change it: else a repeat might look like another command. */
  readonly digest: number
  /** Whether it is not to be run: the connection is about to close. */
  readonly refused: boolean
}

export class RequestRunner {
  readonly #settings: RunnerSettings
  readonly #shutdown: { readonly signal: AbortSignal }
  /** Requests that are under way. */
  #running = 0
  #whenIdle: (() => void) | undefined

  constructor (settings: RunnerSettings) {
    this.#settings = settings
    this.#shutdown = { signal: settings.shutdown }
  }

  /**
   * @param text - the message that the request came in
   * @returns the message that answers it. Where the handler and all else that is asked return no promise, it is no
   * promise either; and one never rejects
   */
  run (connection: Connection, request: RequestMessage, text: string): string | Promise<string> {
    return this.#run(connection, request, text, false)
  }

  /**
   * The answer to a request that is not run any more, since the connection is about to close. A command may have run
   * when it came before: then that is the answer.
   */
  refuse (connection: Connection, request: RequestMessage, text: string): string | Promise<string> {
    if (isCommand(request)) return this.#run(connection, request, text, true)
    return this.#encode(request.id, this.#failure(connection, request.name, closing()), false)
  }

  #run (connection: Connection, request: RequestMessage, text: string, refused: boolean): string | Promise<string> {
    const { router, hooks, guard } = this.#settings
    const { id, name, data } = request
    const route = router.route(name)
    if (hooks.some || route.options.timeout !== undefined) return this.#count(this.#runInSteps(connection, request, text, route, refused))
    const command = isCommand(request) ? this.#command(connection, request, route, refused) : undefined
    let answer: Answer | Promise<Answer>
    try {
      guard(data, text)
      const given = route.validate === undefined ? data : route.validate(data)
      answer = isThenable(given)
        ? Promise.resolve(given).then((given) => {
          this.#stillRuns()
          return this.#start(connection, request, route, given, command)
        })
        : this.#start(connection, request, route, given, command)
    } catch (error) {
      answer = this.#refusal(connection, request, command, error)
    }
    if (!(answer instanceof Promise)) return this.#encode(id, answer, command !== undefined)
    return this.#count(answer
      .catch((error: unknown) => this.#refusal(connection, request, command, error))
      .then((answer) => this.#encode(id, answer, command !== undefined)))
  }

  /** What is to be said where a request was refused before its handler could run. */
  #refusal (connection: Connection, { name }: RequestMessage, command: Command | undefined, error: unknown): Answer | Promise<Answer> {
    return command === undefined ? this.#failure(connection, name, error) : this.#refused(command, error)
  }

  #command (connection: Connection, request: RequestMessage, route: Route, refused: boolean): Command {
    return { connection, request, route, digest: this.#settings.commands.digest(request), refused }
  }

  /**
   * What is to be said of a command that was refused before it could begin. It may have run when it came before, and
   * nobody is to be told then that it has not.
   */
  async #refused ({ connection, request, route, digest }: Command, error: unknown): Promise<Answer> {
    try {
      const outcome = await this.#settings.commands.look(connection, request, route, digest)
      if (outcome !== undefined) return outcome
    } catch (unknown) {
      error = unknown
    }
    return this.#failure(connection, request.name, error)
  }

  /** @throws JugglerError the server has shut down while the request was being checked */
  #stillRuns (): void {
    if (this.#settings.shutdown.aborted) throw closing()
  }

  #encode (id: RequestId, { success, text }: Answer, command: boolean): string {
    return encodeAnswer(id, success, text, command ? this.#settings.commands.members() : '')
  }

  /**
   * Resolves when no handler runs, whether anybody waits for its answer or not.
   *
   * @param timeout - longest wait, in ms
   */
  async idle (timeout: number): Promise<void> {
    if (this.#running === 0 || timeout === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeout)
      this.#whenIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Counts a request until it is answered. */
  #count (answer: Promise<string>): Promise<string> {
    this.#running++
    return answer.finally(() => { if (--this.#running === 0) this.#whenIdle?.() })
  }

  /** What the answer to an echo with a key carries beside the data, as JSON members: the client asks before a command. */
  commandMembers (connection: Connection): string {
    const { commands } = this.#settings
    commands.asked(connection)
    return commands.members()
  }

  #start (connection: Connection, request: RequestMessage, route: Route, data: unknown, command: Command | undefined): Answer | Promise<Answer> {
    if (command === undefined) return this.#call(connection, request, route, data, connection)
    return this.#once(command, () => this.#call(connection, request, route, data, this.#shutdown))
  }

  /** Runs the handler. Whatever comes of it is an answer. @param source - of its signal */
  #call (connection: Connection, request: RequestMessage, route: Route, data: unknown, source: { readonly signal: AbortSignal }): Answer | Promise<Answer> {
    const { name } = request
    try {
      const result = route.call(connection, name, data, new HandlerContext(connection, request, source))
      const text = isThenable(result) ? Promise.resolve(result).then((result) => write(route, result)) : write(route, result)
      if (typeof text === 'string') return { success: true, text }
      return text.then((text) => ({ success: true, text }), (error: unknown) => this.#failure(connection, name, error))
    } catch (error) {
      return this.#failure(connection, name, error)
    }
  }

  /**
   * Executes a command, unless it has been already.
   *
   * @throws JugglerError it was refused
   */
  #once (command: Command, execute: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    const { connection, request, route, digest, refused } = command
    if (refused) throw closing()
    const begun = this.#settings.commands.begin(connection, request, route, digest)
    const go = (begun: Begun): Answer | Promise<Answer> => {
      const { name, outcome } = begun
      if (name !== undefined) return this.#settle(name, execute())
      if (!(outcome instanceof Promise)) return outcome
      return outcome.then((outcome) => outcome ?? this.#once(command, execute))
    }
    return begun instanceof Promise ? begun.then(go) : go(begun)
  }

  #settle (name: string, answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
    if (answer instanceof Promise) return answer.then((answer) => this.#settle(name, answer))
    const settling = this.#settings.commands.settle(name, answer)
    return settling === undefined ? answer : settling.then(() => answer)
  }

  /** The same for requests that hooks are told of, or whose handlers have only so much time. */
  async #runInSteps (connection: Connection, request: RequestMessage, text: string, route: Route, refused: boolean): Promise<string> {
    const { hooks, guard, commands } = this.#settings
    const began = performance.now()
    const command = isCommand(request) ? this.#command(connection, request, route, refused) : undefined
    const deadline = new HandlerDeadline(connection, route.options.timeout, command !== undefined, this.#settings.shutdown)
    const context = new HandlerContext(connection, request, deadline)
    const seen = new SeenRequest(request, context, text)
    let answer: Answer
    let ran = false
    try {
      for (const hook of hooks.preRequest) await hook(connection, seen)
      seen.isAllowed = true
      guard(request.data, text)
      const given = route.validate === undefined ? request.data : await route.validate(request.data)
      const execute = async (): Promise<Answer> => {
        ran = true
        try {
          const result = await deadline.limit(() => route.call(connection, request.name, given, context))
          return { success: true, text: await write(route, result) }
        } catch (error) {
          return await this.#mapped(connection, seen, error)
        }
      }
      this.#stillRuns()
      answer = command === undefined ? await execute() : await this.#once(command, execute)
    } catch (error) {
      try {
        const outcome = command && await commands.look(connection, request, route, command.digest)
        if (outcome === undefined) throw error
        if (!seen.isAllowed) throw this.#kept(seen, error)
        answer = outcome
      } catch (error) {
        answer = await this.#mapped(connection, seen, error)
        ran = true
      }
    } finally {
      deadline.end()
    }
    if (hooks.onResponse.length > 0) this.#tell(connection, seen, answer, performance.now() - began, !ran)
    return this.#encode(request.id, answer, command !== undefined)
  }

  /** A hook has refused a repeat: the outcome is not told then, nor that the command has not run. */
  #kept ({ log }: HookRequest, error: unknown): Error {
    log.info({ err: error }, 'a preRequest hook refused to repeat a command')
    return outcomeUnknown('the server refuses to say what came of it')
  }

  /** The answer to what was thrown, after the app has had its say. */
  async #mapped (connection: Connection, seen: HookRequest, error: unknown): Promise<Answer> {
    for (const hook of this.#settings.hooks.onError) {
      try {
        error = await hook(connection, seen, error) ?? error
      } catch (failure) {
        connection.log.error({ err: failure }, 'an onError hook failed')
      }
    }
    return this.#failure(connection, seen.name, error)
  }

  #failure (connection: Connection, name: string, error: unknown): Answer {
    return { success: false, text: failureText(name, error, this.#settings, connection), error }
  }

  #tell (connection: Connection, seen: HookRequest, { success, text, error }: Answer, duration: number, repeated: boolean): void {
    const outcome = { success, get data () { return JSON.parse(text) as JsonValue }, error, duration, repeated }
    const report = (failure: unknown): void => connection.log.error({ err: failure }, 'an onResponse hook failed')
    for (const hook of this.#settings.hooks.onResponse) {
      try {
        const result = hook(connection, seen, outcome)
        if (isThenable(result)) Promise.resolve(result).catch(report)
      } catch (failure) {
        report(failure)
      }
    }
  }
}

/** A request as hooks see it. */
class SeenRequest implements HookRequest {
  readonly #request: RequestMessage
  readonly #context: RequestContext
  /** The message. */
  readonly #text: string
  /** The data as it was sent, once others may have changed what the request holds. */
  #data: JsonValue | undefined
  /** Whether the hooks that may refuse it have all been asked. */
  isAllowed = false

  constructor (request: RequestMessage, context: RequestContext, text: string) {
    this.#request = request
    this.#context = context
    this.#text = text
  }

  get name () { return this.#request.name }
  get id () { return this.#request.id }
  get log () { return this.#context.log }

  /** Once the request is allowed, defaults are filled in, and the handler has it: hooks get a copy of their own. */
  get data (): JsonValue {
    return this.isAllowed ? (this.#data ??= parseRequest(this.#text).data) : this.#request.data
  }

  get key (): string | undefined {
    const { key } = this.#request
    return typeof key === 'string' ? key : undefined
  }
}

/** Whether a request has any of the members that make it a command; what is wrong with them is for the commands to say. */
export const isCommand = ({ key, expires, expect }: RequestMessage): boolean =>
  key !== undefined || expires !== undefined || expect !== undefined

const closing = (): Error => refusal('JUGGLER_CLOSING', 'the request has not been run: the server is about to close the connection')

const write = (route: Route, result: unknown): string | Promise<string> =>
  route.write === undefined ? stringify(result) : route.write(result)

function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
