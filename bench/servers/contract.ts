/** What every server under measurement is: a module of this folder whose default export is a `Start`. */
import type { Change, Plant } from '../fixtures.ts'

export interface Setup {
  plant: Plant
  /** Every tick that will be asked for. */
  ticks: Change[][]
  /** Whether the baselines make their messages beforehand, so that sending is all that they do. */
  ready: boolean
  /** `remembers`: clients keep the window of what they are sent. */
  compression: boolean | 'remembers'
}

export interface BenchServer {
  readonly port: number
  /** Makes the changes of one tick and publishes them. */
  tick (index: number): void
  /** The query of who comes back to the state as it is now, where the server knows such a thing. */
  place? (): string
  /** Bytes that all clients have been sent. */
  sent? (): number
}

/** Listens on a free port of 127.0.0.1, sends the whole state to who joins, echoes requests called `echo`. */
export type Start = (setup: Setup) => Promise<BenchServer>
