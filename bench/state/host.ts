/** A process that times changes of a state, their diff and its text, or the application of patches. */
import { isDeepStrictEqual } from 'node:util'
import fastJsonPatch from 'fast-json-patch'
import { answer } from '../children.ts'
import { generator, makePlant, makeTicks, patchOf, type Change } from '../fixtures.ts'

type List = Array<{ id: number, name: string, value: number }>
interface Differ {
  set?: (changes: Change[]) => string
  edit?: (change: (list: List) => void, operations: unknown[] | undefined) => string
  renew?: (next: unknown) => string
}
/** No case runs longer than this; that of an array, which may shrink by one element a round, ends sooner. */
const mostRounds = 2000
const mostListRounds = 400

interface Applier { apply: (patch: unknown) => void, read: () => unknown }

export interface Timing extends Record<string, number> { micros: number, bytes: number, right: number }

const makeList = (length: number): List => Array.from({ length }, (_, id) => ({ id, name: `row ${id}`, value: id % 97 }))

interface ListEdit {
  /** The edit in place; it gets the number of the round. */
  change: (list: List, round: number) => void
  /** The same said in operations, where there is a short way to say it. */
  operations?: (round: number) => unknown[]
}

const row = (round: number) => ({ id: 100_000 + round, name: 'new', value: 1 })
const edits: Record<string, ListEdit> = {
  'remove head': {
    change: (list) => { list.shift() },
    operations: () => [{ op: 'remove', path: '/list/0' }]
  },
  'insert head': {
    change: (list, round) => { list.unshift(row(round)) },
    operations: (round) => [{ op: 'add', path: '/list/0', value: row(round) }]
  },
  'move one': {
    change: (list, round) => { list.splice((round * 131) % 900, 0, list.splice((round * 577) % 900, 1)[0]!) },
    operations: (round) => [{ op: 'move', from: `/list/${(round * 577) % 900}`, path: `/list/${(round * 131) % 900}` }]
  },
  sort: {
    change (list, round) {
      const random = generator(round + 3)
      const ranks = new Map(list.map(({ id }) => [id, random()]))
      list.sort((a, b) => ranks.get(a.id)! - ranks.get(b.id)!)
    }
  },
  'slide window': {
    change: (list, round) => { list.shift(); list.push(row(round)) },
    operations: (round) => [{ op: 'remove', path: '/list/0' }, { op: 'add', path: '/list/-', value: row(round) }]
  }
}

/** One round of a case: what of it is timed, and the state that the clients must have after it. */
interface Case { round: (index: number) => () => string, expected: () => unknown, initial: unknown }

function caseOf (differ: (state: unknown) => Differ, name: string, size: number): Case | undefined {
  const isList = name in edits
  const initial: unknown = isList ? { list: makeList(size) } : makePlant(size)
  const mirror = structuredClone(initial) as { list: List } & ReturnType<typeof makePlant>
  const { set, edit, renew } = differ(structuredClone(initial))
  const expected = () => mirror
  if (isList && edit !== undefined) {
    const { change, operations } = edits[name]!
    return {
      initial,
      expected,
      round (index) {
        const said = operations?.(index)
        change(mirror.list, index)
        return () => edit((list) => change(list, index), said)
      }
    }
  }
  const ticks = makeTicks(makePlant(size), mostRounds, 50)
  const follow = (changes: Change[]) => { for (const { device, temp } of changes) mirror.devices[device]!.temp = temp }
  if (name === 'set' && set !== undefined) {
    return { initial, expected, round: (index) => { const changes = ticks[index]!; follow(changes); return () => set(changes) } }
  }
  if (name === 'renew' && renew !== undefined) {
    return { initial, expected, round: (index) => { follow(ticks[index]!); const next = structuredClone(mirror); return () => renew(next) } }
  }
  return undefined
}

const methods = {
  /** See paces.mjs. */
  async paces (order: { devices: number, leaves: number, readers: number, paces: number, windows: number }): Promise<{ micros: number, bytes: number }> {
    const { measurePaces } = await import(new URL('paces.mjs', import.meta.url).href) as { measurePaces: (order: object) => Promise<{ micros: number, bytes: number }> }
    return await measurePaces(order)
  },

  /** See touched.mjs. */
  async touched (order: { devices: number, leaves: number, ticks: number }): Promise<{ bytes: number, text: number }> {
    const { measureTouched } = await import(new URL('touched.mjs', import.meta.url).href) as { measureTouched: (order: object) => Promise<{ bytes: number, text: number }> }
    return await measureTouched(order)
  },

  /** Rounds of a case until so many ms have passed, at least 3 after warm-up; then whether the patches were right. */
  async diff (contender: string, name: string, size: number, budget: number): Promise<Timing | undefined> {
    const differs: Record<string, (state: unknown) => Differ> = await import(new URL('differs.mjs', import.meta.url).href)
    const timed = caseOf(differs[contender]!, name, size)
    if (timed === undefined) return undefined
    let bytes = 0
    let index = 0
    const most = name in edits ? mostListRounds : mostRounds
    const run = (atLeast: number, atMost: number, until: number): number[] => {
      const times: number[] = []
      const end = performance.now() + until
      while (times.length < atLeast || (times.length < atMost && performance.now() < end)) {
        const work = timed.round(index++)
        const start = performance.now()
        const text = work()
        times.push(performance.now() - start)
        bytes = text.length
      }
      return times
    }
    // A round of seconds is not warmed up: it would take minutes, and lasts too long for it to matter.
    const [first] = run(1, 1, 0)
    const times = first! > 1000 ? [first!] : (run(1, most / 3, budget / 2), run(3, most / 2, budget))
    const micros = times.reduce((sum, time) => sum + time, 0) / times.length * 1000
    return { micros, bytes, right: first! > 1000 || isRight(differs[contender]!, name) ? 1 : 0 }
  },

  /** Microseconds to apply a patch of 50 leaves where 100 devices are watched. */
  async apply (contender: string, size: number, budget: number): Promise<Timing> {
    const appliers: Record<string, (state: unknown, watched: string[]) => Applier> = await import(new URL('appliers.mjs', import.meta.url).href)
    const plant = makePlant(size)
    const watched = Object.keys(plant.devices).slice(0, 100).map((device) => `/devices/${device}`)
    const { apply, read } = appliers[contender]!(makePlant(size), watched)
    const ticks = makeTicks(plant, mostRounds, 50)
    let done = 0
    const run = (rounds: number, until: number): number => {
      const end = performance.now() + until
      let spent = 0
      for (const last = Math.min(done + rounds, mostRounds); done < last && performance.now() < end;) {
        const patch = patchOf(ticks[done++]!)
        const start = performance.now()
        apply(patch)
        spent += performance.now() - start
      }
      return spent
    }
    run(mostRounds / 2, budget)
    const warm = done
    const spent = run(mostRounds, budget)
    for (const { device, temp } of ticks.slice(0, done).flat()) plant.devices[device]!.temp = temp
    return { micros: spent / (done - warm) * 1000, bytes: 0, right: isDeepStrictEqual(structuredClone(read()), plant) ? 1 : 0 }
  }
}

/** Whether a few patches of a contender, applied elsewhere, give its state. */
function isRight (differ: (state: unknown) => Differ, name: string): boolean {
  const { initial, expected, round } = caseOf(differ, name, 1000)!
  let copy = structuredClone(initial)
  for (let i = 0; i < 5; i++) {
    const message = JSON.parse(round(i)())
    // Ours is the message as it is sent, the others' the patch alone.
    copy = fastJsonPatch.applyPatch(copy, message.diff ?? message).newDocument
  }
  return isDeepStrictEqual(copy, expected())
}

export type StateHost = typeof methods
answer(methods)
