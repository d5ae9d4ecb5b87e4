/** The requests that wait for an answer. */
import type { JsonValue } from '../../types/json.ts'
import type { ResponseMessage } from '../../types/protocol.ts'
import type { SendOptions } from '../../types/client.ts'
import { ConnectionClosedError, JugglerClientError, JugglerError } from '../errors.ts'
import { encodeRequest } from '../protocol/messages.ts'
import { refuse } from './options.ts'

interface Pending {
  settle (): void
  resolve (data: JsonValue): void
  reject (error: unknown): void
}

export class Requests {
  readonly #pending = new Map<unknown, Pending>()
  #lastId = 0

  /** How many are waiting. */
  get size (): number {
    return this.#pending.size
  }

  /**
   * Makes a request and hands its text to `write`. What goes wrong, bad arguments too, rejects; a promise that
   * nobody looks at raises no unhandled rejection.
   *
   * @param write - sends the text; undefined while there is no open connection
   */
  send (write: ((text: string) => void) | undefined, name: string, data: unknown, options: SendOptions): Promise<JsonValue> {
    const answer = new Promise<JsonValue>((resolve, reject) => {
      const { timeout, signal } = options
      if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0 && timeout < 2 ** 31)) refuse('timeout', timeout, 'a number of milliseconds over 0')
      signal?.throwIfAborted()
      if (write === undefined) throw new ConnectionClosedError()
      const id = this.#lastId + 1
      const text = encodeRequest(id, name, data)
      this.#lastId = id
      let timer: ReturnType<typeof setTimeout> | undefined
      const giveUp = (error: unknown) => {
        this.#take(id)
        reject(error)
      }
      const abort = () => giveUp(signal!.reason)
      if (timeout !== undefined) {
        timer = setTimeout(() => giveUp(new JugglerClientError('JUGGLER_REQUEST_TIMEOUT', `no answer to '${name}' within ${timeout} ms`)), timeout)
      }
      signal?.addEventListener('abort', abort)
      this.#pending.set(id, {
        resolve,
        reject,
        settle () {
          clearTimeout(timer)
          signal?.removeEventListener('abort', abort)
        }
      })
      write(text)
    })
    answer.catch(() => {})
    return answer
  }

  /** An answer nobody waits for is ignored: late ones of requests given up, and those to our probes. */
  answer ({ id, success, data }: ResponseMessage): void {
    const pending = this.#take(id)
    if (success) pending?.resolve(data)
    else pending?.reject(new JugglerError(data))
  }

  /** The connection is gone: nobody knows which requests were carried out, so none is sent again. */
  rejectAll (code: number, reason: string): void {
    for (const [id, { reject }] of [...this.#pending]) {
      this.#take(id)
      reject(new ConnectionClosedError(code, reason))
    }
  }

  #take (id: unknown): Pending | undefined {
    const pending = this.#pending.get(id)
    pending?.settle()
    this.#pending.delete(id)
    return pending
  }
}
