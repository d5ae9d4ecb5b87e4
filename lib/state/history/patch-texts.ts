/** The operations for the touched places of a state, as JSON text of which the patches for many bases are cut out. */

/** Operations that hold for all bases from one revision on, the latest touched first. */
interface Span {
  readonly after: number
  readonly text: string
  /** The revisions that touched the places, latest first. */
  readonly stamps: readonly number[]
  /** Where in the text the operations of each of these revisions, and so of all later ones, end. */
  readonly ends: readonly number[]
}

/** Texts of operations by the revision that touched their places last. */
type ByTouch = Map<number, { text: string }>

/** Takes the operations of one state at one revision, in any order. */
export class PatchCollector {
  readonly #spans = new Map<number, ByTouch>()
  /** Where the last operation went: the next one mostly goes near it. */
  #after = NaN
  #span: ByTouch = new Map()

  /**
   * @param after - the earliest base that the operation is for
   * @param touched - the revision that touched its place: for bases from that on it is not needed
   * @param operation - its text. Texts are kept, not operations: many thousands of small objects that wait for theirs
   * cost the garbage collector more than all else
   */
  add (after: number, touched: number, operation: string): void {
    if (this.#after !== after) {
      this.#after = after
      const span = this.#spans.get(after)
      this.#span = span ?? new Map()
      if (span === undefined) this.#spans.set(after, this.#span)
    }
    const bunch = this.#span.get(touched)
    if (bunch === undefined) this.#span.set(touched, { text: operation })
    else bunch.text += ',' + operation
  }

  texts (): PatchTexts {
    return new PatchTexts([...this.#spans].map(([after, byTouch]) => spanOf(after, byTouch)))
  }
}

/**
 * The operations since one base. The patch for a later base has those of the places that were touched after it: they
 * stand in that order, so that it is a piece of a text that is made once, however many bases there are.
 *
 * No place of a patch is within another place of it, so that the order of its operations says nothing.
 */
export class PatchTexts {
  readonly #spans: readonly Span[]

  constructor (spans: readonly Span[]) {
    this.#spans = spans
  }

  /**
   * The patch for one base, as JSON text.
   *
   * @param base - the one that the operations were collected for, or a later one
   * @returns `[]` where nothing was touched since
   */
  textFor (base: number): string {
    let patch = ''
    for (const { after, text, stamps, ends } of this.#spans) {
      if (base < after) continue
      const count = countAbove(stamps, base)
      if (count > 0) patch += (patch === '' ? '' : ',') + text.slice(0, ends[count - 1])
    }
    return `[${patch}]`
  }
}

function spanOf (after: number, byTouch: ByTouch): Span {
  const latestFirst = [...byTouch].sort(([a], [b]) => b - a)
  const ends: number[] = []
  let length = -1
  for (const [, { text }] of latestFirst) ends.push(length += text.length + 1)
  return {
    after,
    text: latestFirst.map(([, { text }]) => text).join(','),
    stamps: latestFirst.map(([stamp]) => stamp),
    ends
  }
}

/** How many of the numbers, which fall, are above a limit. */
function countAbove (falling: readonly number[], limit: number): number {
  let low = 0
  let high = falling.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (falling[middle]! > limit) low = middle + 1
    else high = middle
  }
  return low
}
