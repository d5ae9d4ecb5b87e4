/** Sums up in the log what comes too often: clients decide how many of these lines there are. */

/** How long lines of one kind are counted, in ms. */
const window = 10_000

/** How many lines of a kind are written in that time. Of handlers that fail, and of faults of peers, each says about the same. */
const most = {
  'connection opened': 1000,
  'connection ended': 1000,
  'connection closed': 100,
  'request handler refused': 100,
  'request handler failed': 100
}

/** The kinds of lines that are summed up. */
export type FloodLine = keyof typeof most

export class Floods {
  readonly #tell: (details: object, message: string) => void
  readonly #counts = new Map<FloodLine, { lines: number, readonly timer: NodeJS.Timeout }>()

  /** @param tell - writes a line of the log */
  constructor (tell: (details: object, message: string) => void) {
    this.#tell = tell
  }

  /** Counts a line. @returns whether it is to be written */
  passes (line: FloodLine): boolean {
    let count = this.#counts.get(line)
    if (count === undefined) {
      count = { lines: 0, timer: setTimeout(() => this.#sumUp(line), window).unref() }
      this.#counts.set(line, count)
    }
    return ++count.lines <= most[line]
  }

  /** Tells what was left out, before its time. */
  end (): void {
    for (const line of this.#counts.keys()) this.#sumUp(line)
  }

  #sumUp (line: FloodLine): void {
    const { lines, timer } = this.#counts.get(line)!
    clearTimeout(timer)
    this.#counts.delete(line)
    const leftOut = lines - most[line]
    if (leftOut > 0) this.#tell({ line, leftOut }, `${leftOut} lines '${line}' were left out: more than ${most[line]} came in ${window / 1000} s`)
  }
}
