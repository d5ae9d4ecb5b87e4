/** What a run does, drawn from its seed: how everything is set up, and a list of steps that can be shortened. */
import type { JsonValue } from '../../types/json.ts'
import type { Edit } from '../helpers/making-edits.ts'
import type { LineOptions } from './link.ts'
import { Random } from './random.ts'
import type { SlowRule } from '../helpers/projections.ts'
import { drawPaths, drawSteps, drawValue } from './steps.ts'

/** `after`: how many ms after the one before; -1: in the same turn. */
export type Step = { readonly after: number } & (
  | { do: 'edit', edits: Edit[], own: number | null }
  | { do: 'send', client: number, count: number, name: string, ms: number, edits: Edit[], flush: boolean, timeout: number | null }
  | { do: 'command', client: number, ms: number, key: number | null, variant: number, expires: number | null, expect: 'same' | 'other' | null, timed: boolean }
  | { do: 'notify', to: number | null, count: number, flush: boolean, size: number }
  | { do: 'flush', to: number | null }
  | { do: 'connect' | 'close' | 'wake', client: number }
  | { do: 'watch', client: number, paths: string[] | null }
  | { do: 'half', line: number }
  | { do: 'peer', pongs: boolean }
  | { do: 'ask', peer: number, names: string[], ms: number }
  | { do: 'cut', line: number, up: boolean, bytes: number, by: 'reset' | 'end' }
  | { do: 'stall', line: number, up: boolean, ms: number }
  | { do: 'late', line: number, ms: number }
  | { do: 'slow' | 'away', client: number, ms: number }
  | { do: 'restart', graceful: boolean, keep: boolean, ms: number, framing: ServerOptions['framing'], initial: JsonValue }
  | { do: 'drain', over: number }
  | { do: 'end', to: number }
)

export interface ServerOptions {
  autoflushDelay: number | null
  autoflushLeading: boolean
  parallelRequests: boolean
  framing: 'plain' | 'segmented' | 'auto'
  framingTimeout: number
  maxSegmentSize: number
  maxBufferedBytes: number
  pingDelay: number | null
  pingTimeout: number
  onceWindow: number
  resumeWindow: number
  checkInterval: number | null
  shutdownTimeout: number
  handlerTimeout: number
  maxQueuedBytes: number
  requestsInFlight: number
  bufferedBytes: number
  requestsPerSecond: number | null
}

export interface ClientOptions {
  framing: 'plain' | 'segmented' | 'auto'
  maxSegmentSize: number
  pingDelay: number | null
  pingTimeout: number
  minDelay: number
  maxDelay: number
  /** Addresses that it knows. */
  addresses: number
  /** Whether it keeps its state beyond its end, in the store that all clients have. */
  stores: boolean
  user: string | null
  /** Which of the views it has, where there are any; and the parts that it asks for when it comes. */
  view: number
  paths: string[] | null
  line: LineOptions
}

export interface Script {
  readonly seed: number
  /** How late (ms) timers may come. */
  readonly lag: number
  readonly server: ServerOptions
  /** Whether the server reads what an address says of the framing. */
  readonly reads: boolean
  /** Whether connections share a state. */
  readonly shared: boolean
  /** What clients may see; none: views are not used. */
  readonly views: ReadonlyArray<readonly SlowRule[]>
  readonly hooks: boolean
  /** Whether somebody listens to the state on the server. */
  readonly watched: boolean
  readonly initial: JsonValue
  readonly clients: readonly ClientOptions[]
  readonly steps: Step[]
}

const drawLine = (random: Random): LineOptions => ({
  latency: random.weighted([[4, 0], [3, 1], [3, 5], [2, 40], [1, 150]]),
  bandwidth: random.weighted([[8, 0], [1, 1], [1, 10]]),
  buffer: random.weighted([[4, 65536], [2, 2000], [2, 300], [0.5, 40]]),
  pieces: random.weighted([[4, 0], [2, 0.3], [0.5, 0.9]])
})

const drawServer = (random: Random): ServerOptions => ({
  autoflushDelay: random.weighted([[3, 0], [2, 5], [3, 50], [1, 200], [1, null]]),
  autoflushLeading: random.chance(0.25),
  parallelRequests: random.chance(0.25),
  framing: random.pick(['plain', 'segmented', 'auto']),
  framingTimeout: random.pick([50, 200]),
  maxSegmentSize: random.weighted([[2, 65536], [2, 30], [1, 7], [1, 1]]),
  maxBufferedBytes: random.weighted([[2, 1048576], [2, 300], [1, 60], [1, 1]]),
  pingDelay: random.weighted([[1, 30000], [2, 3000], [1, 500], [1, null]]),
  pingTimeout: random.pick([1000, 3000, 30000]),
  onceWindow: random.weighted([[3, 600000], [2, 20000], [2, 1500]]),
  // Shorter than the wait before what is kept is looked at.
  resumeWindow: random.weighted([[3, 20_000], [2, 500], [1, 0]]),
  checkInterval: random.weighted([[3, 0], [2, 500], [1, null]]),
  shutdownTimeout: random.pick([0, 100, 1000]),
  handlerTimeout: random.pick([0, 500, 5000]),
  maxQueuedBytes: random.weighted([[9, 16_777_216], [1, 600]]),
  requestsInFlight: random.weighted([[2, 1024], [1, 4], [1, 1]]),
  bufferedBytes: random.weighted([[9, 134_217_728], [1, 6000]]),
  requestsPerSecond: random.weighted([[9, null], [1, 5]])
})

const drawClient = (random: Random, framing: ClientOptions['framing'], user: string | null): ClientOptions => ({
  framing,
  maxSegmentSize: random.weighted([[2, 65536], [1, 10], [1, 1]]),
  pingDelay: random.weighted([[2, 5000], [2, 1000], [1, 300], [1, null]]),
  pingTimeout: random.pick([1800, 3000, 5000]),
  minDelay: random.pick([1, 100, 500]),
  maxDelay: random.pick([500, 2000]),
  addresses: 1 + random.int(2),
  stores: random.chance(0.3),
  user,
  view: random.int(2),
  paths: drawPaths(random),
  line: drawLine(random)
})

const drawRule = (random: Random): SlowRule => ({
  pattern: Array.from({ length: random.int(4) }, () => `/${random.pick(['a', 'b', 'c', '*', '*', '0', '', 'constructor', '-'])}`).join(''),
  allow: random.chance(0.6)
})

/** A line that takes seconds for a state in the smallest segments needs a server that waits for its answers as long. */
function endurable (server: ServerOptions, clients: readonly ClientOptions[]): ServerOptions {
  const takesSeconds = server.maxSegmentSize < 30 && clients.some(({ line }) => line.bandwidth === 1)
  return takesSeconds ? { ...server, pingTimeout: 30_000 } : server
}

/** The script of a seed. */
export function drawScript (seed: number): Script {
  const random = new Random(seed, 1)
  const reads = random.chance(0.8)
  const framing = () => random.weighted<ClientOptions['framing']>(reads ? [[3, 'plain'], [3, 'segmented'], [1, 'auto']] : [[1, 'auto']])
  const users = random.chance(0.4)
  const count = 1 + random.int(4)
  const clients = Array.from({ length: count }, () => drawClient(random, framing(), users ? random.pick(['ann', 'bob']) : null))
  const steps: Step[] = []
  for (let client = 0; client < count; client++) steps.push({ after: random.chance(0.7) ? 0 : random.int(50), do: 'connect', client })
  const length = steps.length + 8 + random.int(28)
  while (steps.length < length) steps.push(...drawSteps(random, count, steps))
  // with nothing behind it that would mend what a scene has left
  if (random.chance(0.2)) steps.push(...drawSteps(random, count, steps, 1))
  return {
    seed,
    lag: random.weighted([[3, 0], [1, 3], [1, 40]]),
    server: endurable(drawServer(random), clients),
    reads,
    shared: random.chance(0.85),
    views: random.chance(0.35) ? Array.from({ length: 2 }, () => Array.from({ length: 1 + random.int(4) }, () => drawRule(random))) : [],
    hooks: random.chance(0.2),
    watched: random.chance(0.3),
    initial: random.chance(0.2) ? null : drawValue(random, 3),
    clients,
    steps
  }
}
