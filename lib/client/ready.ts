/** The promise of the first state. */
import type { DeepReadonly } from '../../types/json.ts'
import type { CloseInfo } from '../../types/protocol.ts'
import type { ReadableState } from '../../types/state.ts'
import { ConnectionClosedError } from '../errors.ts'
import { quiet } from './quiet.ts'

export interface Ready<S> {
  /** Resolves with the state as soon as there is one; rejects with ConnectionClosedError, unhandled or not. */
  readonly promise: Promise<DeepReadonly<S>>
  /** A state has come. Called for each message of the state, so it costs next to nothing. */
  stateCame (): void
  /** The client has ended. */
  end (info: CloseInfo): void
}

/** Makes the promise for the first who asks: to resolve it takes a snapshot of the whole state, which later patches pay for. */
export function createReady<S> (state: ReadableState<S>): Ready<S> {
  let promise: Promise<DeepReadonly<S>> | undefined
  let resolve: ((data: DeepReadonly<S>) => void) | undefined
  let reject: (error: Error) => void
  let ended: CloseInfo | undefined
  let came = false

  const stateCame = () => {
    came = true
    resolve?.(state.data)
    resolve = undefined
  }
  const end = (info: CloseInfo) => {
    ended = info
    if (resolve) reject(new ConnectionClosedError(info.code, info.reason))
    resolve = undefined
  }

  return {
    stateCame,
    end,

    get promise () {
      if (!promise) {
        // A caller may look at it without awaiting it.
        promise = quiet(new Promise((_resolve, _reject) => {
          resolve = _resolve
          reject = _reject
        }))
        if (came) stateCame()
        else if (ended) end(ended)
      }
      return promise
    }
  }
}
