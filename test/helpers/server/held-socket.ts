/** A socket for tests that lets nothing through until it is told to. */
import { Duplex } from 'node:stream'

export const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export class HeldSocket extends Duplex {
  readonly writes: Buffer[] = []
  bytesWritten = 0
  #held: Array<(error?: Error) => void> = []
  #isOpen: boolean

  /** @param isOpen - whether everything goes through from the start */
  constructor (isOpen = false) {
    super()
    this.#isOpen = isOpen
  }

  override write (chunk: Buffer, ...rest: never[]): boolean {
    this.bytesWritten += chunk.length
    return super.write(chunk, ...rest)
  }

  override _write (chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.writes.push(chunk)
    if (this.#isOpen) done()
    else this.#held.push(done)
  }

  override _read (): void {}

  /** Lets one write through, or what comes from now on as well. */
  async leave (all = false): Promise<void> {
    if (all) this.#isOpen = true
    this.#held.shift()?.()
    await turn()
  }

  /** Breaks, as a socket does whose peer resets it. */
  async fail (): Promise<void> {
    this.on('error', () => {})
    this.#held.shift()?.(new Error('reset'))
    await turn()
  }
}
