/** Carries out one request: hooks, checks, the handler, and the text of the answer. */
import type { JsonValue } from '../../../types/json.ts'
import type { RequestId, RequestMessage } from '../../../types/protocol.ts'
import type { Connection, HookRequest, RequestContext } from '../../../types/server.ts'
import { encodeAnswer, stringify } from '../../protocol/messages.ts'
import type { Begun, Commands } from './commands/commands.ts'
import { HandlerContext } from './context.ts'
import { HandlerDeadline } from './deadline.ts'
import { failureText } from './failures.ts'
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

export class RequestRunner {
  readonly #settings: RunnerSettings
  readonly #shutdown: { readonly signal: AbortSignal }
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
    const { router, hooks, guard, commands } = this.#settings
    const { id, name, data } = request
    const route = router.route(name)
    if (hooks.some || route.options.timeout !== undefined) return this.#count(this.#runInSteps(connection, request, text, route))
    const command = isCommand(request)
    let answer: Answer | Promise<Answer>
    try {
      guard(data, text)
      const digest = command ? commands.digest(request) : undefined
      const given = route.validate === undefined ? data : route.validate(data)
      answer = isThenable(given)
        ? Promise.resolve(given).then((given) => this.#start(connection, request, route, given, digest))
        : this.#start(connection, request, route, given, digest)
    } catch (error) {
      answer = this.#failure(connection, name, error)
    }
    if (!(answer instanceof Promise)) return this.#encode(id, answer, command)
    return this.#count(answer.then(
      (answer) => this.#encode(id, answer, command),
      (error: unknown) => this.#encode(id, this.#failure(connection, name, error), command)))
  }

  #encode (id: RequestId, { success, text }: Answer, command: boolean): string {
    return encodeAnswer(id, success, text, command ? this.#settings.commands.members() : '')
  }

  /** The answer to a request that is not run any more, since the connection is about to close. */
  refuse (request: RequestMessage): string {
    const text = stringify({ code: 'JUGGLER_CLOSING', message: 'the request has not been run: the server is about to close the connection' })
    return this.#encode(request.id, { success: false, text }, isCommand(request))
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

  /** Handlers that have not come to their end. */
  get running (): number {
    return this.#running
  }

  /** Counts a request until it is answered. */
  #count (answer: Promise<string>): Promise<string> {
    this.#running++
    return answer.finally(() => { if (--this.#running === 0) this.#whenIdle?.() })
  }

  /** What answers to commands carry beside the data, as JSON members. */
  commandMembers (): string {
    return this.#settings.commands.members()
  }

  /** @param digest - of a command; undefined: it is none */
  #start (connection: Connection, request: RequestMessage, route: Route, data: unknown, digest: number | undefined): Answer | Promise<Answer> {
    if (digest === undefined) return this.#call(connection, request, route, data, connection)
    return this.#once(connection, request, route, digest, () => this.#call(connection, request, route, data, this.#shutdown))
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
  #once (
    connection: Connection, request: RequestMessage, route: Route, digest: number, execute: () => Answer | Promise<Answer>
  ): Answer | Promise<Answer> {
    const begun = this.#settings.commands.begin(connection, request, route, digest)
    const go = (begun: Begun): Answer | Promise<Answer> => {
      const { name, outcome } = begun
      if (name !== undefined) return this.#settle(name, execute())
      if (!(outcome instanceof Promise)) return outcome
      return outcome.then((outcome) => outcome ?? this.#once(connection, request, route, digest, execute))
    }
    return begun instanceof Promise ? begun.then(go) : go(begun)
  }

  #settle (name: string, answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
    if (answer instanceof Promise) return answer.then((answer) => this.#settle(name, answer))
    const settling = this.#settings.commands.settle(name, answer)
    return settling === undefined ? answer : settling.then(() => answer)
  }

  /** The same for requests that hooks are told of, or whose handlers have only so much time. */
  async #runInSteps (connection: Connection, request: RequestMessage, text: string, route: Route): Promise<string> {
    const { hooks, guard, commands } = this.#settings
    const began = performance.now()
    const command = isCommand(request)
    const deadline = new HandlerDeadline(connection, route.options.timeout, command, this.#settings.shutdown)
    const context = new HandlerContext(connection, request, deadline)
    const seen = new SeenRequest(request, context)
    let answer: Answer
    let ran = false
    try {
      for (const hook of hooks.preRequest) await hook(connection, seen)
      guard(request.data, text)
      const digest = command ? commands.digest(request) : 0
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
      answer = command ? await this.#once(connection, request, route, digest, execute) : await execute()
    } catch (error) {
      answer = await this.#mapped(connection, seen, error)
      ran = true
    } finally {
      deadline.end()
    }
    if (hooks.onResponse.length > 0) this.#tell(connection, seen, answer, performance.now() - began, !ran)
    return this.#encode(request.id, answer, command)
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

  constructor (request: RequestMessage, context: RequestContext) {
    this.#request = request
    this.#context = context
  }

  get name () { return this.#request.name }
  get id () { return this.#request.id }
  get data () { return this.#request.data }
  get log () { return this.#context.log }

  get key (): string | undefined {
    const { key } = this.#request
    return typeof key === 'string' ? key : undefined
  }
}

/** Whether a request has any of the members that make it a command; what is wrong with them is for the commands to say. */
const isCommand = ({ key, expires, expect }: RequestMessage): boolean =>
  key !== undefined || expires !== undefined || expect !== undefined

const write = (route: Route, result: unknown): string | Promise<string> =>
  route.write === undefined ? stringify(result) : route.write(result)

function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
