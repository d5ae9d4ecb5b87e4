/** The requests that wait for an answer. */
import type { SendOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import type { CloseInfo, ResponseMessage } from '../../types/protocol.ts'
import { ConnectionClosedError, JugglerClientError, JugglerError } from '../errors.ts'
import * as closeCodes from '../protocol/close-codes.ts'
import { encodeRequest } from '../protocol/messages.ts'
import { createCommands } from './commands.ts'
import type { Request } from './commands.ts'
import { checkInteger } from './options.ts'
import { quiet } from './quiet.ts'

/** Ends a request, with an error or with the data of its answer. */
type Conclude = (error: Error | false, data?: JsonValue) => void

interface Pending {
  readonly conclude: Conclude
  /** Undefined: it is a probe of the commands. */
  readonly request?: Request
}

export interface Requests {
  /**
   * Makes a request and writes it. What goes wrong, bad arguments too, rejects; a promise that nobody looks at raises
   * no unhandled rejection.
   */
  send<Result> (name: string, data?: unknown, options?: SendOptions): Promise<Result>
  /** An answer nobody waits for is ignored: late ones of requests given up, and those to our probes. */
  answer (response: ResponseMessage): void
  /** A connection is open: commands whose outcome is not known are sent again. */
  opened (): void
  /**
   * The connection is gone: nobody knows which requests were carried out, so none is sent again that is no command.
   *
   * @param forGood - there will be no other connection
   */
  lost (info: CloseInfo, forGood: boolean): void
}

/** @param writer - tells how to send a text; undefined while there is no open connection */
export function createRequests (writer: () => ((text: string) => void) | undefined): Requests {
  const pending = new Map<unknown, Pending>()
  let lastId = 0
  const nextId = () => ++lastId

  const commands = createCommands(() => {
    const text = encodeRequest(nextId, '', null)(',"key":"?"')
    pending.set(lastId, { conclude () {} })
    writer()!(text)
  })

  const request = async (name: string, data?: unknown, options?: SendOptions): Promise<JsonValue> => {
    const { timeout, signal, key } = Object(options) as SendOptions
    if (timeout !== undefined) checkInteger('timeout', typeof timeout === 'number' ? Math.ceil(timeout) : timeout)
    const encode = encodeRequest(nextId, name, data)
    // Looked at when the data is text already: a `toJSON` of the data may call anything, `send`, `close` and `abort` too.
    signal?.throwIfAborted()
    if (!writer()) throw new ConnectionClosedError()
    let id: number
    let timer: ReturnType<typeof setTimeout> | undefined
    let abort: (() => void) | undefined
    let forget: (() => void) | undefined
    try {
      return await new Promise((resolve, reject) => {
        const conclude: Conclude = (error, data) => error ? reject(error) : resolve(data!)
        const request: Request = {
          write (members) {
            const text = encode(members)
            pending.set(id = lastId, { conclude, request })
            writer()!(text)
          },
          fail: reject
        }
        signal?.addEventListener('abort', abort = () => reject(signal.reason))
        if (timeout) {
          timer = setTimeout(() => {
            reject(new JugglerClientError('JUGGLER_REQUEST_TIMEOUT', `no answer to '${name}' within ${timeout} ms`))
          }, timeout)
        }
        forget = commands.send(request, key === undefined ? undefined : options)
      })
    } finally {
      pending.delete(id!)
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort!)
      forget?.()
    }
  }

  return {
    send: (...call) => quiet(request(...call)) as Promise<never>,

    answer (response) {
      const { id, success, data } = response
      const known = pending.get(id)
      pending.delete(id)
      if (known && !known.request) commands.told(response)
      else if (known?.request?.members && Object(data).code === 'JUGGLER_CLOSING') commands.postpone(known.request)
      else known?.conclude(!success && new JugglerError(data), data)
    },

    opened: commands.opened,

    lost (info, forGood) {
      const error = new ConnectionClosedError(info.code, info.reason)
      pending.forEach(({ conclude, request }, id) => {
        pending.delete(id)
        if (!request?.members) conclude(error)
      })
      commands.lost(error, forGood, [closeCodes.goingAway.reason, closeCodes.tryAgainLater.reason].includes(info.reason), info.code)
    }
  }
}
