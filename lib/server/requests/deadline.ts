/** How long a handler's result is waited for, and when its signal aborts. */
import type { Connection } from '../../../types/server.ts'
import { refusal } from './failures.ts'

export class HandlerDeadline {
  readonly #timeout: number | undefined
  /** What aborts the signal beside the timeout. */
  readonly #source: () => AbortSignal
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  /** Whether the time was over before the handler was. */
  isOver = false
  #forward: (() => void) | undefined

  /**
   * @param timeout - in ms; undefined: none
   * @param command - whether the request outlives its connection. Where its outcome is asked for again, it must be that
   * of the command, not of the lost connection
   * @param shutdown - aborts when the server shuts down
   */
  constructor (connection: Connection, timeout: number | undefined, command: boolean, shutdown: AbortSignal) {
    this.#timeout = timeout
    this.#source = () => command ? shutdown : connection.signal
  }

  get signal (): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = this.#controller = new AbortController()
    const source = this.#source()
    if (source.aborted) {
      controller.abort(source.reason)
    } else {
      this.#forward = () => controller.abort(source.reason)
      source.addEventListener('abort', this.#forward)
    }
    return controller.signal
  }

  /**
   * Waits for what a handler returns.
   *
   * @throws JugglerError rejects with `JUGGLER_HANDLER_TIMEOUT`: what the handler still does is nobody's business
   */
  async limit (run: () => unknown): Promise<unknown> {
    const timeout = this.#timeout
    if (timeout === undefined) return await run()
    const result = run()
    return await new Promise((resolve, reject) => {
      this.#timer = setTimeout(() => {
        this.isOver = true
        const error = refusal('JUGGLER_HANDLER_TIMEOUT', `the request was not carried out within ${timeout} ms; whether it still will be is not known`)
        reject(error)
        if (this.#controller === undefined) this.#controller = new AbortController()
        this.#controller.abort(error)
      }, timeout)
      Promise.resolve(result).then(resolve, reject)
    })
  }

  /** The request was answered. */
  end (): void {
    clearTimeout(this.#timer)
    if (this.#forward !== undefined) this.#source().removeEventListener('abort', this.#forward)
  }
}
