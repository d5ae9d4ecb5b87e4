/** A socket that the test plays, so that every order of events can be had. */
import type { Socket } from '../../../lib/client/environment.ts'

export class PlayedSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number, reason: string }) => void) | null = null
  /** What was sent as text; what it was closed with as code and reason. */
  readonly log: unknown[] = []
  readonly #answers: boolean

  /** @param answers - whether the peer answers a close at once; else that is for the test to play */
  constructor (answers = false) {
    this.#answers = answers
  }

  send (text: string): void {
    this.log.push(text)
  }

  /** As in a page, which may send 1000 and codes of its own alone. */
  close (code: number, reason: string): void {
    this.log.push([code, reason])
    if (code < 3000 && code !== 1000) throw new Error('InvalidAccessError')
    if (this.#answers) this.onclose!({ code, reason })
  }
}
