/** How the requests of one handler ended, and how long they took. */
import type { Histogram, RequestResult } from '../../../types/stats.ts'
import { Distribution, timeBounds } from './distribution.ts'

export class Outcomes {
  readonly #durations = new Map<RequestResult, Distribution>()

  add (result: RequestResult, ms: number): void {
    let durations = this.#durations.get(result)
    if (durations === undefined) this.#durations.set(result, durations = new Distribution(timeBounds))
    durations.add(ms)
  }

  read (): Partial<Record<RequestResult, Histogram>> {
    return Object.fromEntries([...this.#durations].map(([result, durations]) => [result, durations.read()]))
  }
}
