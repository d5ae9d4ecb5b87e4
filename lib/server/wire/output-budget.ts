/** What all connections of a registration together hold of output that their peers do not take, and where that ends. */

/** Somebody who holds output. */
export interface OutputHolder {
  /** What has not left, each thing with its bytes of heap: others may hold the same. */
  unsent (): Iterable<readonly [held: object, bytes: number]>
  /** Drops what waits, and closes the connection; cuts it where it is closing already, and has not taken what it was sent. */
  shedOutput (): void
}

/** What a thing takes, and how many hold it. */
interface Held { readonly bytes: number, holders: number }

/** It is measured again when this part of the limit has been added. */
const step = 1 / 16

/**
 * A message that is sent to many is one, so that it counts once, however many have not taken it. To keep that up to date
 * would cost something with each message to each connection. So what comes in is added up, as if it stayed, and measured
 * only where that passes the limit: then nobody is touched whom it is not for.
 */
export class OutputBudget {
  readonly #limit: number
  readonly #holders: () => Iterable<OutputHolder>
  /** What is there at most. */
  #estimate = 0
  #next: number
  #scheduled = false

  /**
   * @param limit - bytes of heap
   * @param holders - the connections, closing ones too: what is in their sockets is there until they are gone
   */
  constructor (limit: number, holders: () => Iterable<OutputHolder>) {
    this.#limit = this.#next = limit
    this.#holders = holders
  }

  /** Something is kept, since a peer does not take it now. */
  grew (bytes: number): void {
    this.#estimate += bytes
    if (this.#estimate <= this.#next || this.#scheduled) return
    this.#scheduled = true
    // Whoever writes to many is not to lose some of them in the midst of it.
    queueMicrotask(() => {
      this.#scheduled = false
      this.#hold()
    })
  }

  /** Bytes that are kept. */
  measure (): number {
    return sum(this.#count())
  }

  /** Has those go who hold the most, until the others are below the limit. */
  #hold (): void {
    const counts = this.#count()
    let total = sum(counts)
    if (total > this.#limit) {
      const shares = [...this.#holders()].map((holder) => ({ holder, share: shareOf(holder, counts) }))
      for (const { holder } of shares.sort((a, b) => b.share - a.share)) {
        if (total <= this.#limit) break
        for (const [thing] of holder.unsent()) {
          const held = counts.get(thing)
          // The app may have written it since, as it was told that another one is closed: it counts the next time.
          if (held !== undefined && --held.holders === 0) total -= held.bytes
        }
        holder.shedOutput()
      }
    }
    this.#estimate = total
    this.#next = Math.max(this.#limit, total + this.#limit * step)
  }

  #count (): Map<object, Held> {
    const counts = new Map<object, Held>()
    for (const holder of this.#holders()) {
      for (const [thing, bytes] of holder.unsent()) {
        const held = counts.get(thing)
        if (held === undefined) counts.set(thing, { bytes, holders: 1 })
        else held.holders++
      }
    }
    return counts
  }
}

function sum (counts: ReadonlyMap<object, Held>): number {
  let total = 0
  for (const { bytes } of counts.values()) total += bytes
  return total
}

function shareOf (holder: OutputHolder, counts: ReadonlyMap<object, Held>): number {
  let share = 0
  for (const [thing, bytes] of holder.unsent()) share += bytes / counts.get(thing)!.holders
  return share
}
