/** What the app can ask about the end of a connection. */
import type { CloseInfo } from '../../../types/protocol.ts'
import { ConnectionClosedError } from '../../errors.ts'

/** Holds nothing that nobody has asked for: most connections end without anybody looking. */
export class Ending {
  /** How it closes, once that has begun. */
  info: CloseInfo | undefined
  #over = false
  #controller: AbortController | undefined
  #promise: Promise<CloseInfo> | undefined
  #resolve: ((info: CloseInfo) => void) | undefined

  get error (): ConnectionClosedError {
    return new ConnectionClosedError(this.info?.code, this.info?.reason)
  }

  /** Aborted when closing begins. */
  get signal (): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.info !== undefined) this.#controller.abort(this.error)
    }
    return this.#controller.signal
  }

  /** Resolves when the socket is gone. */
  get closed (): Promise<CloseInfo> {
    this.#promise ??= new Promise((resolve) => {
      if (this.#over) resolve(this.info!)
      else this.#resolve = resolve
    })
    return this.#promise
  }

  /** Closing begins. */
  begin (info: CloseInfo): void {
    this.info = info
    this.#controller?.abort(this.error)
  }

  /** The socket is gone. */
  finish (): void {
    this.#over = true
    this.#resolve?.(this.info!)
  }
}
