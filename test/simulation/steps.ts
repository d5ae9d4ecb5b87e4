/** The steps of a run, drawn one by one, and scenes: steps that belong together and would hardly meet by chance. */
import type { JsonValue } from '../../types/json.ts'
import { nastyKeys, scalars } from '../helpers/making-edits.ts'
import type { Edit } from '../helpers/making-edits.ts'
import type { Random } from './random.ts'
import type { Step } from './script.ts'

export const drawValue = (random: Random, depth: number): JsonValue => {
  const kind = random.int(depth > 0 ? 6 : 3)
  if (kind < 3) return random.pick(scalars)
  if (kind === 3) return Array.from({ length: random.int(5) }, () => drawValue(random, depth - 1))
  return Object.fromEntries(Array.from({ length: random.int(4) }, () => [random.pick(nastyKeys), drawValue(random, depth - 1)]))
}

const kinds: ReadonlyArray<readonly [number, Edit['kind']]> = [
  [6, 'set'], [2, 'remove'], [3, 'add'], [3, 'insert'], [2, 'move'], [1, 'copy'], [2, 'splice'], [1, 'sort'], [2, 'update'], [1, 'root']
]

const drawEdit = (random: Random): Edit => ({
  kind: random.weighted(kinds),
  picks: Array.from({ length: 5 }, () => random.int(1000)),
  key: random.pick(nastyKeys),
  value: drawValue(random, 2)
})

const drawEdits = (random: Random): Edit[] => Array.from({ length: 1 + random.int(3) }, () => drawEdit(random))

/** Parts that a client asks for; null: everything. */
export const drawPaths = (random: Random): string[] | null => random.chance(0.7)
  ? null
  : Array.from({ length: 1 + random.int(3) }, () => Array.from({ length: 1 + random.int(2) }, () => `/${random.pick(['a', 'b', 'c', '0', '-', '', 'constructor'])}`).join(''))

const gaps: ReadonlyArray<readonly [number, (random: Random) => number]> = [
  [4, () => -1], [5, () => 0], [5, (random) => random.int(10)], [4, (random) => random.int(100)], [2, (random) => random.int(1500)], [0.4, (random) => random.int(8000)]
]
const someMs = (random: Random): number => random.weighted([[2, 0], [2, random.int(20)], [2, random.int(400)], [1, random.int(5000)]])

/** @param line - of a client, or beyond those of a peer */
type WithoutTime<S> = S extends Step ? Omit<S, 'after'> : never
type Draw = (random: Random, client: number, line: number) => WithoutTime<Step>

const draws: ReadonlyArray<readonly [number, Draw]> = [
  [14, (random) => ({ do: 'edit', edits: drawEdits(random), own: random.chance(0.1) ? random.int(4) : null })],
  [8, (random, client) => ({
    do: 'send',
    client,
    count: random.chance(0.15) ? 2 + random.int(6) : 1,
    name: random.weighted([[3, 'now'], [3, 'slow'], [1, 'fail'], [1, 'boom'], [2, 'edit'], [2, 'tell'], [1, 'missing'], [1, '']]),
    ms: someMs(random),
    edits: drawEdits(random),
    flush: random.chance(0.5),
    timeout: random.chance(0.1) ? 1 + random.int(500) : null
  })],
  [7, (random, client) => ({
    do: 'command',
    client,
    ms: someMs(random),
    key: random.chance(0.4) ? random.int(2) : null,
    variant: random.int(4) === 0 ? 1 : 0,
    expires: random.weighted([[2, null], [1, 300], [1, 1000]]),
    expect: random.weighted([[6, null], [1, 'same'], [0.5, 'other']]),
    timed: random.chance(0.2)
  })],
  [4, (random) => ({ do: 'notify', to: random.chance(0.4) ? null : random.int(5), count: 1 + random.int(3), flush: random.chance(0.5), size: random.weighted([[3, 0], [1, random.int(300)]]) })],
  [4, (random) => ({ do: 'flush', to: random.chance(0.3) ? null : random.int(5) })],
  [3, (_random, client) => ({ do: 'connect', client })],
  [0.6, (_random, client) => ({ do: 'close', client })],
  [1, (random, client) => ({ do: 'watch', client, paths: drawPaths(random) })],
  [0.5, (_random, client) => ({ do: 'wake', client })],
  [0.4, (random, client) => ({ do: 'away', client, ms: random.int(2000) })],
  [1.5, (random) => ({ do: 'peer', pongs: random.chance(0.9) })],
  [2.5, (random) => ({
    do: 'ask',
    peer: random.int(4),
    names: Array.from({ length: 1 + random.int(6) }, () => random.pick(['now', 'now', 'slow', 'fail', 'tell', 'missing'])),
    ms: someMs(random)
  })],
  [2, (random, _client, line) => ({ do: 'cut', line, up: random.chance(0.5), bytes: random.weighted([[1, 0], [3, random.int(60)], [2, random.int(600)]]), by: random.pick(['reset', 'end']) })],
  [4, (random, _client, line) => ({ do: 'stall', line, up: random.chance(0.4), ms: random.weighted([[3, random.int(200)], [2, random.int(2000)], [1, random.int(9000)]]) })],
  [0.7, (_random, _client, line) => ({ do: 'half', line })],
  [1.5, (random, _client, line) => ({ do: 'late', line, ms: random.int(3000) })],
  [1, (random, client) => ({ do: 'slow', client, ms: random.int(3000) })],
  [1.2, (random) => ({ do: 'restart', graceful: random.chance(0.6), keep: random.chance(0.4), ms: random.int(1000), framing: random.pick(['plain', 'segmented', 'auto']), initial: random.chance(0.3) ? null : drawValue(random, 2) })],
  [0.4, (random) => ({ do: 'drain', over: random.int(200) })],
  [0.5, (random) => ({ do: 'end', to: random.int(5) })]
]

/**
 * @param count - of clients; the lines behind theirs are those of peers
 * @param peers - how many have come before
 */
type Scene = (random: Random, count: number, peers: number) => Step[]

const edited = (random: Random, after: number): Step => ({ after, do: 'edit', edits: drawEdits(random), own: null })

/** State waits, since what was sent before has not been read; then others come who want to be heard. */
const late: Scene = (random, count, peers) => {
  const isNew = random.chance(0.5)
  const line = isNew ? count + peers : random.int(count + 2)
  // one more than may wait, and nothing behind it
  const many = random.pick([1, 2, 5])
  const asked: Step = line < count
    ? { after: random.int(50), do: 'send', client: line, count: many, name: 'slow', ms: random.int(600), edits: [], flush: false, timeout: null }
    : { after: random.int(50), do: 'ask', peer: line - count, names: Array<string>(many).fill('slow'), ms: random.int(600) }
  return [
    ...(isNew ? [{ after: 0, do: 'peer', pongs: true } as const] : []),
    { after: 1000 + random.int(1500), do: 'stall', line, up: false, ms: 1000 + random.int(3000) },
    edited(random, 0),
    edited(random, 501 + random.int(500)),
    random.chance(0.5) ? asked : { after: random.int(50), do: 'notify', to: null, count: 3, flush: true, size: 0 },
    ...(random.chance(0.5) ? [asked] : [])
  ]
}

/** A socket is full, and signs of life go behind what does not leave. */
const full: Scene = (random, count) => [
  { after: random.int(100), do: 'stall', line: random.int(count + 2), up: false, ms: 500 + random.int(4000) },
  { after: random.int(10), do: 'notify', to: null, count: 2, flush: false, size: 300 },
  edited(random, random.int(50)),
  edited(random, random.int(2000))
]

/** A command has run, its sender comes back, and the server stops before it could be asked what has come of it. */
const again: Scene = (random, count) => {
  const client = random.int(count)
  return [
    { after: random.int(50), do: 'command', client, ms: random.int(2000), key: null, variant: 0, expires: null, expect: null, timed: false },
    { after: 2 + random.int(400), do: 'late', line: client, ms: random.int(500) },
    { after: random.int(600), do: 'stall', line: client, up: true, ms: 2000 },
    { after: random.int(300), do: 'restart', graceful: true, keep: true, ms: random.int(100), framing: 'plain', initial: null }
  ]
}

/** A page is left and opened again, sometimes while the server is replaced: it shows what was kept. */
const revisit: Scene = (random, count) => {
  const client = random.int(count)
  return [
    { after: random.int(300), do: 'close', client },
    edited(random, random.int(200)),
    ...(random.chance(0.3) ? [{ after: 0, do: 'restart', graceful: random.chance(0.5), keep: random.chance(0.5), ms: random.int(300), framing: 'plain', initial: null } as const] : []),
    { after: 2 + random.int(300), do: 'connect', client },
    edited(random, random.int(20))
  ]
}

/**
 * @param count - of clients
 * @param before - the steps so far
 * @param chance - that it is a scene
 */
export function drawSteps (random: Random, count: number, before: readonly Step[], chance = 0.06): Step[] {
  const peers = before.filter((step) => step.do === 'peer').length
  if (random.chance(chance)) return random.weighted<Scene>([[3, late], [2, full], [1, again], [2, revisit]])(random, count, peers)
  const after = random.weighted(gaps)(random)
  return [{ after, ...random.weighted(draws)(random, random.int(count), random.int(count + 2)) } as Step]
}
