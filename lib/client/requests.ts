/** The requests that wait for an answer. */
import type { SendOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import type { CloseInfo, ResponseMessage } from '../../types/protocol.ts'
import { ConnectionClosedError, JugglerClientError, JugglerError } from '../errors.ts'
import { encodeRequest } from '../protocol/messages.ts'
import { checkInteger } from './options.ts'

/** Ends a request, with an error or with the data of its answer. */
type Conclude = (error: Error | false, data?: JsonValue) => void

export interface Requests {
  /**
   * Makes a request and writes it. What goes wrong, bad arguments too, rejects; a promise that nobody looks at raises
   * no unhandled rejection.
   */
  send<Result> (name: string, data?: unknown, options?: SendOptions): Promise<Result>
  /** An answer nobody waits for is ignored: late ones of requests given up, and those to our probes. */
  answer (response: ResponseMessage): void
  /** The connection is gone: nobody knows which requests were carried out, so none is sent again. */
  rejectAll (info: CloseInfo): void
}

/** @param writer - tells how to send a text; undefined while there is no open connection */
export function createRequests (writer: () => ((text: string) => void) | undefined): Requests {
  const pending = new Map<unknown, Conclude>()
  let lastId = 0

  const request = async (name: string, data?: unknown, options?: SendOptions): Promise<JsonValue> => {
    const { timeout, signal } = Object(options) as SendOptions
    if (timeout !== undefined) checkInteger('timeout', typeof timeout === 'number' ? Math.ceil(timeout) : timeout)
    let write: ((text: string) => void) | undefined
    // The id is asked for when the data is text already: a `toJSON` of the data may call anything, `send`, `close` and
    // `abort` too.
    const text = encodeRequest(() => {
      signal?.throwIfAborted()
      write = writer()
      if (!write) throw new ConnectionClosedError()
      return ++lastId
    }, name, data)
    const id = lastId
    let timer: ReturnType<typeof setTimeout> | undefined
    let abort: (() => void) | undefined
    try {
      return await new Promise((resolve, reject) => {
        pending.set(id, (error, data) => error ? reject(error) : resolve(data!))
        signal?.addEventListener('abort', abort = () => reject(signal.reason))
        if (timeout) {
          timer = setTimeout(() => {
            reject(new JugglerClientError('JUGGLER_REQUEST_TIMEOUT', `no answer to '${name}' within ${timeout} ms`))
          }, timeout)
        }
        write!(text)
      })
    } finally {
      pending.delete(id)
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort!)
    }
  }

  return {
    send (...call) {
      const answer = request(...call)
      answer.catch(() => {})
      return answer as Promise<never>
    },

    answer ({ id, success, data }) {
      pending.get(id)?.(!success && new JugglerError(data), data)
    },

    rejectAll (info) {
      pending.forEach((conclude) => conclude(new ConnectionClosedError(info.code, info.reason)))
    }
  }
}
