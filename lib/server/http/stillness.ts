/** Tells by looks at a file when somebody who writes to it has finished. */
import type { Look } from './file-watch.ts'

export interface StillnessTimes {
  /** Time in ms without a change after which a file is finished. */
  readonly still: number
  /** Time in ms from the first change after which it counts as finished however it goes on. */
  readonly longest: number
  /** Time in ms without a change after which a file is finished that took the place of another in one step. */
  readonly replaced: number
}

export const stillnessTimes: StillnessTimes = Object.freeze({ still: 5000, longest: 30_000, replaced: 1000 })

/**
 * Editors and scripts write a file in steps, and each step in between lacks users who are there at the end. A file that
 * was renamed into its place never did: it is finished at once where its times tell, else when it has been still for a
 * moment, since a file that was deleted and made anew looks the same at first.
 *
 * ```
 * settled ──change──▶ changing ──still for 5 s, or 30 s since the first change──▶ finished, hence settled
 *    ▲                   │  └──one step that put another file there──▶ still for 1 s ──▶ finished
 *    └──as it was before─┘
 * ```
 */
export class Stillness {
  readonly #times: StillnessTimes
  #settled: Look
  #seen: Look
  /** When the file was first seen as it is. */
  #since = 0
  /** When it was first seen to differ from what is settled, and how many changes there were. */
  #began = 0
  #changes = 0

  constructor (look: Look, times: StillnessTimes = stillnessTimes) {
    this.#settled = this.#seen = look
    this.#times = times
  }

  /** Takes note of a look, and says whether the file has changed and is finished. */
  finished (look: Look, now: number): boolean {
    if (look.key !== this.#seen.key) {
      if (this.#changes === 0) this.#began = now
      this.#changes++
      this.#since = now
      this.#seen = look
    }
    if (look.key === this.#settled.key) {
      this.#changes = 0
      return false
    }
    const quiet = now - this.#since
    return quiet >= this.#times.still || now - this.#began >= this.#times.longest || this.#isReplaced(look, quiet)
  }

  /** Says that the file was taken as it is: what changes from here on begins anew. */
  settle (): void {
    this.#settled = this.#seen
    this.#changes = 0
  }

  #isReplaced (look: Look, quiet: number): boolean {
    if (this.#changes !== 1 || look.file === undefined || look.file === this.#settled.file) return false
    return look.renamed || quiet >= this.#times.replaced
  }
}
