/** Everything that a run draws comes from one number. */

/** sfc32, of which a draw costs next to nothing. */
export class Random {
  #a: number
  #b: number
  #c = 0x9e3779b9
  #d = 1

  constructor (seed: number, stream = 0) {
    this.#a = seed | 0
    this.#b = (seed / 0x100000000) | 0
    this.#c ^= stream
    for (let i = 0; i < 12; i++) this.next()
  }

  /** An integer of 32 bits, from 0. */
  next (): number {
    const sum = (this.#a + this.#b + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0
    return sum >>> 0
  }

  /** From 0 to 1, without 1. */
  unit (): number {
    return this.next() / 0x100000000
  }

  /** An integer from 0 to `below`, without that. */
  int (below: number): number {
    return Math.floor(this.unit() * below)
  }

  chance (probability: number): boolean {
    return this.unit() < probability
  }

  pick<T> (list: readonly T[]): T {
    return list[this.int(list.length)]!
  }

  /** One of the values, each with its weight. */
  weighted<T> (choices: ReadonlyArray<readonly [weight: number, value: T]>): T {
    let rest = this.unit() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of choices) if ((rest -= weight) < 0) return value
    return choices[0]![1]
  }
}
