/** What all connections of a registration together hold of input that has not been answered, and where that ends. */

/** Somebody who holds input. */
export interface BudgetHolder {
  /** Bytes that would be free at once if the connection were closed: what waits, not what handlers were given. */
  readonly waitingBytes: number
  /** Closes the connection: it holds the most while all together hold too much. */
  shed (): void
  /** There is room again. */
  relieved (): void
}

/**
 * Up to half of the limit nobody notices. Beyond, a connection that has something waiting is read no more until that
 * is worked off. At the limit the connection with the most bytes waiting is closed, and so on until there is room; so
 * one whose requests are answered as they come is not touched.
 */
export class InputBudget {
  readonly #limit: number
  readonly #holders: () => Iterable<BudgetHolder>
  readonly #held = new Set<BudgetHolder>()
  #used = 0

  /**
   * @param limit - bytes of heap
   * @param holders - the open connections; asked only at the limit
   */
  constructor (limit: number, holders: () => Iterable<BudgetHolder>) {
    this.#limit = limit
    this.#holders = holders
  }

  /** Bytes that are held. */
  get used (): number {
    return this.#used
  }

  /** Whether those who have something waiting are to be read no more. */
  get isTight (): boolean {
    return this.#used > this.#limit / 2
  }

  /**
   * Takes room, if need be by closing who has the most waiting.
   *
   * @returns false: there is none, and nothing was taken
   */
  take (bytes: number): boolean {
    while (this.#used + bytes > this.#limit) {
      const largest = this.#largest()
      if (largest === undefined) return false
      largest.shed()
    }
    this.#used += bytes
    return true
  }

  /** Gives room back. */
  give (bytes: number): void {
    this.#used -= bytes
    if (this.#held.size === 0 || this.#used > this.#limit / 4) return
    const held = [...this.#held]
    this.#held.clear()
    for (const holder of held) holder.relieved()
  }

  /** Asks to be told when there is room again; once. */
  hold (holder: BudgetHolder): void {
    this.#held.add(holder)
  }

  /** Is not to be told any more. */
  release (holder: BudgetHolder): void {
    this.#held.delete(holder)
  }

  #largest (): BudgetHolder | undefined {
    let largest: BudgetHolder | undefined
    let most = 0
    for (const holder of this.#holders()) {
      if (holder.waitingBytes <= most) continue
      most = holder.waitingBytes
      largest = holder
    }
    return largest
  }
}
