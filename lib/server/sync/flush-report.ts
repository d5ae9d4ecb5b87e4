/** What one flush sends, for those who listen to `juggler:flush`. */
import type { ReadableState } from '../../../types/state.ts'
import { flushChannel } from '../operations/channels.ts'
import type { EncodedMessage } from '../wire/encoded-message.ts'

export class FlushReport {
  readonly #began = performance.now()
  readonly #messages = new Set<EncodedMessage>()
  #recipients = 0

  /** Undefined: nobody listens. */
  static begin (): FlushReport | undefined {
    return flushChannel.hasSubscribers ? new FlushReport() : undefined
  }

  sent (message: EncodedMessage): void {
    this.#messages.add(message)
    this.#recipients++
  }

  /** Tells of it, where anything was sent. @param behind - members who do not take theirs yet */
  publish (state: ReadableState<unknown>, revision: number, behind: number): void {
    if (this.#recipients === 0) return
    let bytes = 0
    for (const { byteLength } of this.#messages) bytes += byteLength
    flushChannel.publish({
      state, revision, messages: this.#messages.size, bytes, recipients: this.#recipients, behind, duration: performance.now() - this.#began
    })
  }
}
