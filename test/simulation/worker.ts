/** What runs in a thread of its own: seeds one after another, until one fails. */
import { parentPort, workerData } from 'node:worker_threads'
import { newCounts } from './counts.ts'
import type { Counts } from './counts.ts'
import { run } from './run.ts'
import { drawScript } from './script.ts'
import { shrink } from './shrink.ts'

export interface Task {
  /** The first seed, how many there are, and how far apart. */
  readonly from: number
  readonly count: number
  readonly stride: number
  /** Whether the logs are kept, and sent along. */
  readonly logs: boolean
  /** Whether a failure is made short. */
  readonly shrinks: boolean
}

export type Message =
  | { readonly kind: 'progress', readonly seeds: number, readonly counts: Counts }
  | { readonly kind: 'log', readonly seed: number, readonly digest: string, readonly lines: string[] }
  | { readonly kind: 'failed', readonly seed: number, readonly failure: string, readonly script: string }
  | { readonly kind: 'done' }

/** How many seeds there are between two words of progress. */
const batch = 200

async function work ({ from, count, stride, logs, shrinks }: Task): Promise<void> {
  // To write down where errors come from, which the library makes by design, is a tenth of all time.
  if (!logs) Error.stackTraceLimit = 0
  let counts = newCounts()
  let seeds = 0
  const tell = (message: Message) => parentPort!.postMessage(message)
  const progress = () => {
    tell({ kind: 'progress', seeds, counts })
    counts = newCounts()
    seeds = 0
  }
  for (let i = 0; i < count; i++) {
    const seed = from + i * stride
    const script = drawScript(seed)
    const lines: string[] | undefined = logs ? [] : undefined
    const { failure, digest } = await run(script, counts, lines)
    seeds++
    if (lines !== undefined) tell({ kind: 'log', seed, digest: digest!, lines })
    if (failure !== undefined) {
      progress()
      const short = shrinks ? await shrink(script, async (script) => (await run(script, newCounts())).failure) : { script, failure }
      tell({ kind: 'failed', seed, failure: short.failure, script: JSON.stringify(short.script, null, 1) })
      break
    }
    if (seeds === batch) progress()
  }
  progress()
  tell({ kind: 'done' })
}

await work(workerData as Task)
