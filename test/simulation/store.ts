/** The store that the clients of a run share, as tabs do: what is kept of one history never goes back. */
import { readHead } from '../../lib/storage/kept-text.ts'
import type { TextStore } from '../../types/storage.ts'

export class SimStore implements TextStore {
  readonly #texts = new Map<string, string>()
  readonly #fail: (what: string) => void
  /** What clients have shown that came from a server. */
  readonly shown = new Set<number>()

  constructor (fail: (what: string) => void) {
    this.#fail = fail
  }

  get (key: string): string | undefined {
    return this.#texts.get(key)
  }

  set (key: string, text: string): void {
    const head = readHead(text)
    if (head === undefined) return this.#fail(`kept: ${text}`)
    const before = readHead(this.#texts.get(key) ?? '')
    if (head.epoch !== '' && before?.epoch === head.epoch && head.revision < before.revision) this.#fail('an older state is kept over a newer one')
    this.#texts.set(key, text)
  }

  remove (key: string): void {
    this.#texts.delete(key)
  }
}
