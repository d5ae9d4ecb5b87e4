/** Carries out one request: hooks, checks, the handler, and the text of the answer. */
import type { JsonValue } from '../../../types/json.ts'
import type { RequestMessage } from '../../../types/protocol.ts'
import type { Connection, HookRequest } from '../../../types/server.ts'
import type { RequestResult, RequestTrace } from '../../../types/stats.ts'
import { encodeAnswer, stringify } from '../../protocol/messages.ts'
import { isTraced, traced } from '../operations/channels.ts'
import { outcomeUnknown } from './commands/commands.ts'
import type { Begun, Commands } from './commands/commands.ts'
import { HandlerContext } from './context.ts'
import { HandlerDeadline } from './deadline.ts'
import { failureText, refusal } from './failures.ts'
import type { FailureSettings } from './failures.ts'
import type { Hooks } from './hooks.ts'
import type { PoisoningGuard } from './poisoning.ts'
import { otherNames } from './router.ts'
import type { Route, Router } from './router.ts'
import { SeenRequest, keyOf } from './seen-request.ts'

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
  /** Undefined: nothing was run, since the command had come before. */
  readonly result?: RequestResult
}

/** A request whose turn has come. */
interface Turn {
  readonly connection: Connection
  readonly request: RequestMessage
  /** The message that it came in. */
  readonly text: string
  readonly route: Route
  /** Whether it is not to be run: the connection is about to close. */
  readonly refused: boolean
  readonly began: number
  /** What those are told who listen to the channels of requests. */
  readonly trace: RequestTrace | undefined
  /**
   * Of a command what tells it apart from others; undefined: it is none. Made of what was sent, before hooks and defaults
   * change it: else a repeat might look like another command.
   */
  readonly digest: number | undefined
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
    return this.#begin(connection, request, text, false)
  }

  /**
   * The answer to a request that is not run any more, since the connection is about to close. A command may have run
   * when it came before: then that is the answer.
   */
  refuse (connection: Connection, request: RequestMessage, text: string): string | Promise<string> {
    return this.#begin(connection, request, text, true)
  }

  #begin (connection: Connection, request: RequestMessage, text: string, refused: boolean): string | Promise<string> {
    const { router, commands } = this.#settings
    const { name } = request
    const route = router.route(name)
    const digest = isCommand(request) ? commands.digest(request) : undefined
    const began = performance.now()
    if (!isTraced()) return this.#run({ connection, request, text, route, refused, began, trace: undefined, digest })
    const handler = router.has(name) ? name : otherNames
    const trace: RequestTrace = { connection, name, id: request.id, handler, key: keyOf(request) }
    return traced(trace, () => this.#run({ connection, request, text, route, refused, began, trace, digest }))
  }

  #run (turn: Turn): string | Promise<string> {
    const { hooks, guard } = this.#settings
    const { request: { data }, text, route, refused, digest } = turn
    if (refused && digest === undefined) return this.#answer(turn, this.#refusal(turn, closing()))
    if (hooks.some || route.options.timeout !== undefined) return this.#count(this.#runInSteps(turn))
    let answer: Answer | Promise<Answer>
    try {
      guard(data, text)
      const given = route.validate === undefined ? data : route.validate(data)
      answer = isThenable(given)
        ? Promise.resolve(given).then((given) => {
          this.#stillRuns()
          return this.#start(turn, given)
        })
        : this.#start(turn, given)
    } catch (error) {
      answer = digest === undefined ? this.#refusal(turn, error) : this.#refused(turn, error)
    }
    if (!(answer instanceof Promise)) return this.#answer(turn, answer)
    return this.#count(answer
      .catch((error: unknown) => digest === undefined ? this.#refusal(turn, error) : this.#refused(turn, error))
      .then((answer) => this.#answer(turn, answer)))
  }

  /**
   * What is to be said of a command that was refused before it could begin. It may have run when it came before, and
   * nobody is to be told then that it has not.
   */
  async #refused (turn: Turn, error: unknown): Promise<Answer> {
    try {
      const outcome = await this.#look(turn)
      if (outcome !== undefined) return outcome
    } catch (unknown) {
      error = unknown
    }
    return this.#refusal(turn, error)
  }

  async #look ({ connection, request, route, digest }: Turn): Promise<Answer | undefined> {
    return await this.#settings.commands.look(connection, request, route, digest!)
  }

  /** @throws JugglerError the server has shut down while the request was being checked */
  #stillRuns (): void {
    if (this.#settings.shutdown.aborted) throw closing()
  }

  /** The message that answers a request, which has come to its end. */
  #answer ({ request, route, began, trace, digest }: Turn, { success, text, error, result = 'repeated' }: Answer): string {
    const duration = performance.now() - began
    route.outcomes.add(result, duration)
    if (trace !== undefined) Object.assign(trace, { result, duration, error })
    return encodeAnswer(request.id, success, text, digest === undefined ? '' : this.#settings.commands.members())
  }

  /** Requests that are under way. */
  get running (): number {
    return this.#running
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

  #start (turn: Turn, data: unknown): Answer | Promise<Answer> {
    if (turn.digest === undefined) return this.#call(turn, data, turn.connection)
    return this.#once(turn, () => this.#call(turn, data, this.#shutdown))
  }

  /** Runs the handler. Whatever comes of it is an answer. @param source - of its signal */
  #call (turn: Turn, data: unknown, source: { readonly signal: AbortSignal }): Answer | Promise<Answer> {
    const { connection, request, route } = turn
    try {
      const result = route.call(connection, request.name, data, new HandlerContext(connection, request, source))
      const text = isThenable(result) ? Promise.resolve(result).then((result) => write(route, result)) : write(route, result)
      if (typeof text === 'string') return { success: true, text, result: 'success' }
      return text.then((text) => ({ success: true, text, result: 'success' }), (error: unknown) => this.#failure(turn, error, 'error'))
    } catch (error) {
      return this.#failure(turn, error, 'error')
    }
  }

  /**
   * Executes a command, unless it has been already.
   *
   * @throws JugglerError it was refused
   */
  #once (turn: Turn, execute: () => Answer | Promise<Answer>): Answer | Promise<Answer> {
    const { connection, request, route, digest, refused } = turn
    if (refused) throw closing()
    const begun = this.#settings.commands.begin(connection, request, route, digest!)
    const go = (begun: Begun): Answer | Promise<Answer> => {
      const { name, outcome } = begun
      if (name !== undefined) return this.#settle(name, execute())
      if (!(outcome instanceof Promise)) return outcome
      return outcome.then((outcome) => outcome ?? this.#once(turn, execute))
    }
    return begun instanceof Promise ? begun.then(go) : go(begun)
  }

  #settle (name: string, answer: Answer | Promise<Answer>): Answer | Promise<Answer> {
    if (answer instanceof Promise) return answer.then((answer) => this.#settle(name, answer))
    const settling = this.#settings.commands.settle(name, { success: answer.success, text: answer.text })
    return settling === undefined ? answer : settling.then(() => answer)
  }

  /** The same for requests that hooks are told of, or whose handlers have only so much time. */
  async #runInSteps (turn: Turn): Promise<string> {
    const { hooks, guard, shutdown } = this.#settings
    const { connection, request, text, route, began, digest } = turn
    const deadline = new HandlerDeadline(connection, route.options.timeout, digest !== undefined, shutdown)
    const context = new HandlerContext(connection, request, deadline)
    const seen = new SeenRequest(request, context, text)
    let answer: Answer
    try {
      for (const hook of hooks.preRequest) await hook(connection, seen)
      seen.isAllowed = true
      guard(request.data, text)
      const given = route.validate === undefined ? request.data : await route.validate(request.data)
      const execute = async (): Promise<Answer> => {
        try {
          const result = await deadline.limit(() => route.call(connection, request.name, given, context))
          return { success: true, text: await write(route, result), result: 'success' }
        } catch (error) {
          return await this.#mapped(turn, seen, error, deadline.isOver ? 'timeout' : 'error')
        }
      }
      this.#stillRuns()
      answer = digest === undefined ? await execute() : await this.#once(turn, execute)
    } catch (error) {
      try {
        const outcome = digest === undefined ? undefined : await this.#look(turn)
        if (outcome === undefined) throw error
        if (!seen.isAllowed) throw this.#kept(seen, error)
        answer = outcome
      } catch (error) {
        answer = await this.#mapped(turn, seen, error, 'refused')
      }
    } finally {
      deadline.end()
    }
    if (hooks.onResponse.length > 0) this.#tell(connection, seen, answer, performance.now() - began)
    return this.#answer(turn, answer)
  }

  /** A hook has refused a repeat: the outcome is not told then, nor that the command has not run. */
  #kept ({ log }: HookRequest, error: unknown): Error {
    log.info({ err: error }, 'a preRequest hook refused to repeat a command')
    return outcomeUnknown('the server refuses to say what came of it')
  }

  /** The answer to what was thrown, after the app has had its say. */
  async #mapped (turn: Turn, seen: HookRequest, error: unknown, result: RequestResult): Promise<Answer> {
    const { connection } = turn
    for (const hook of this.#settings.hooks.onError) {
      try {
        error = await hook(connection, seen, error) ?? error
      } catch (failure) {
        connection.log.error({ err: failure }, 'an onError hook failed')
      }
    }
    return this.#failure(turn, error, result)
  }

  /** The answer to a request that was refused before its handler could run. */
  #refusal (turn: Turn, error: unknown): Answer {
    return this.#failure(turn, error, 'refused')
  }

  #failure ({ connection, request }: Turn, error: unknown, result: RequestResult): Answer {
    return { success: false, text: failureText(request.name, error, this.#settings, connection), error, result }
  }

  #tell (connection: Connection, seen: HookRequest, { success, text, error, result }: Answer, duration: number): void {
    const outcome = { success, get data () { return JSON.parse(text) as JsonValue }, error, duration, repeated: result === undefined }
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

/** Whether a request has any of the members that make it a command; what is wrong with them is for the commands to say. */
export const isCommand = ({ key, expires, expect }: RequestMessage): boolean =>
  key !== undefined || expires !== undefined || expect !== undefined

const closing = (): Error => refusal('JUGGLER_CLOSING', 'the request has not been run: the server is about to close the connection')

const write = (route: Route, result: unknown): string | Promise<string> =>
  route.write === undefined ? stringify(result) : route.write(result)

function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
