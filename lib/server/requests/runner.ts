/** Carries out one request: hooks, checks, the handler, and the text of the answer. */
import type { JsonValue } from '../../../types/json.ts'
import type { RequestMessage } from '../../../types/protocol.ts'
import type { Connection, HookRequest, RequestContext } from '../../../types/server.ts'
import { encodeAnswer, stringify } from '../../protocol/messages.ts'
import type { Commands } from './commands/commands.ts'
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

  constructor (settings: RunnerSettings) {
    this.#settings = settings
  }

  /**
   * @param text - the message that the request came in
   * @returns the message that answers it. Where the handler and all else that is asked return no promise, it is no
   * promise either; and one never rejects
   */
  run (connection: Connection, request: RequestMessage, text: string): string | Promise<string> {
    const { router, hooks, guard } = this.#settings
    const { id, name, data } = request
    const route = router.route(name)
    if (hooks.some || route.options.timeout !== undefined || isCommand(request)) return this.#runInSteps(connection, request, text, route)
    try {
      guard(data, text)
      const context = new HandlerContext(connection, request)
      const given = route.validate === undefined ? data : route.validate(data)
      const result = isThenable(given)
        ? Promise.resolve(given).then((given) => route.call(connection, name, given, context))
        : route.call(connection, name, given, context)
      const written = isThenable(result)
        ? Promise.resolve(result).then((result) => write(route, result))
        : write(route, result)
      if (typeof written === 'string') return encodeAnswer(id, true, written)
      return written.then(
        (written) => encodeAnswer(id, true, written),
        (error: unknown) => encodeAnswer(id, false, this.#failure(connection, name, error)))
    } catch (error) {
      return encodeAnswer(id, false, this.#failure(connection, name, error))
    }
  }

  /** What answers to commands carry beside the data, as JSON members. */
  commandMembers (): string {
    return this.#settings.commands.members()
  }

  /** The same for requests that hooks are told of, whose handlers have only so much time, or that are commands. */
  async #runInSteps (connection: Connection, request: RequestMessage, text: string, route: Route): Promise<string> {
    const { hooks, guard, commands } = this.#settings
    const began = performance.now()
    const command = isCommand(request)
    const deadline = new HandlerDeadline(connection, route.options.timeout, command, this.#settings.shutdown)
    const context = new HandlerContext(connection, request, deadline)
    const seen = new SeenRequest(request, context)
    let answer: Answer
    let repeated = false
    try {
      for (const hook of hooks.preRequest) await hook(connection, seen)
      guard(request.data, text)
      const digest = command ? commands.digest(request) : ''
      const given = route.validate === undefined ? request.data : await route.validate(request.data)
      const execute = (): Promise<Answer> => this.#execute(connection, seen, route, given, context, deadline)
      if (command) ({ answer, repeated } = await commands.run(connection, request, route, digest, execute))
      else answer = await execute()
    } catch (error) {
      answer = await this.#failed(connection, seen, error)
    } finally {
      deadline.end()
    }
    if (hooks.onResponse.length > 0) this.#tell(connection, seen, answer, performance.now() - began, repeated)
    return encodeAnswer(request.id, answer.success, answer.text, command ? commands.members() : '')
  }

  /** Runs the handler. Whatever comes of it is an answer. */
  async #execute (
    connection: Connection, seen: HookRequest, route: Route, data: unknown, context: RequestContext, deadline: HandlerDeadline
  ): Promise<Answer> {
    try {
      const result = await deadline.limit(() => route.call(connection, seen.name, data, context))
      return { success: true, text: await write(route, result) }
    } catch (error) {
      return await this.#failed(connection, seen, error)
    }
  }

  async #failed (connection: Connection, seen: HookRequest, error: unknown): Promise<Answer> {
    for (const hook of this.#settings.hooks.onError) {
      try {
        error = await hook(connection, seen, error) ?? error
      } catch (failure) {
        connection.log.error({ err: failure }, 'an onError hook failed')
      }
    }
    return { success: false, text: this.#failure(connection, seen.name, error), error }
  }

  #failure (connection: Connection, name: string, error: unknown): string {
    return failureText(name, error, this.#settings, connection)
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
