/** States that are made of other states: computed once, whoever and how many watch them. */
import type { DeriveEachOptions, DeriveOptions, MemberAt } from '../../types/derive.ts'
import type { DeepReadonly, JsonObject, JsonValue, Path } from '../../types/json.ts'
import type { ReadableState, StateChange } from '../../types/state.ts'
import { isObject, member, reach } from '../json/containers.ts'
import type { Keys } from '../json/containers.ts'
import { parsePointer } from '../json/pointer.ts'
import { refuse } from '../refuse.ts'
import { keysOf, placeOf } from './reading/path.ts'
import { Readable } from './reading/readable.ts'
import { reportError } from './reading/report.ts'
import { checkedCopy } from './store/checked-copy.ts'
import { mergeAt, trusted } from './store/merge.ts'
import { Store } from './store/store.ts'
import type { Recorder, StoreTree } from './store/store-tree.ts'

type Report = (error: unknown) => void

/**
 * Brings a derived state to what its source is now.
 *
 * @param change - undefined: nothing is known of what has changed
 */
type Compute = (tree: StoreTree, change: StateChange<unknown> | undefined) => boolean

/**
 * Follows its source only while somebody watches it: a listener, or a connection that is sent it. Read without that, it
 * looks at the source first.
 */
class DerivedStore extends Store<unknown> {
  readonly #source: ReadableState<unknown>
  readonly #paths: readonly Path[]
  readonly #compute: Compute
  readonly #tree: StoreTree
  /** The revision of the source that it is made of. */
  #known = -1
  /** The last one at which the function failed. */
  #hasFailed = -1
  #isComputing = false
  #watchers = 0
  #unwatch: Array<() => void> = []

  constructor (source: ReadableState<unknown>, paths: readonly Path[], computeWith: (report: Report) => Compute, onError: Report) {
    super(null, { onError })
    this.#source = source
    this.#paths = paths
    // It never throws, whatever `onError` does.
    this.#compute = computeWith(this.listeners.report)
    this.#tree = this.tree
    Object.defineProperty(this, 'tree', { get: () => this.#current() })
    const { listeners } = this
    const add = listeners.add.bind(listeners)
    listeners.add = (...listener) => {
      // First, so that what has changed while nobody watched is no change to the listener.
      const release = this.#watch()
      let remove = () => {}
      try {
        remove = add(...listener)
      } catch (error) {
        release()
        throw error
      }
      return () => {
        remove()
        release()
      }
    }
  }

  override stringify (path: Path = ''): string {
    // The text of the whole is kept, and says nothing of the source.
    this.#current()
    return super.stringify(path)
  }

  override record (recorder: Recorder): () => void {
    const release = this.#watch()
    const unrecord = super.record(recorder)
    return () => {
      unrecord()
      release()
    }
  }

  #current (): StoreTree {
    // While it is watched it is current, or is about to be, when its turn among the listeners of the source comes.
    if (this.#watchers === 0) this.#follow(undefined)
    return this.#tree
  }

  /** Somebody watches. Returns what ends that. */
  #watch (): () => void {
    if (this.#watchers === 0) {
      this.#follow(undefined)
      const listener = (change: StateChange<unknown>) => this.#follow(change)
      this.#unwatch = this.#paths.map((path) => this.#source.onChange(path, listener))
    }
    this.#watchers++
    let isWatching = true
    return () => {
      if (!isWatching) return
      isWatching = false
      if (--this.#watchers > 0) return
      for (const unwatch of this.#unwatch.splice(0)) unwatch()
    }
  }

  #follow (change: StateChange<unknown> | undefined): void {
    const { revision } = this.#source
    if (this.#isComputing || (change?.revision ?? revision) <= Math.max(this.#known, this.#hasFailed)) return
    // Whoever has missed a change has to look at everything.
    const isNext = change !== undefined && change.revision === revision && this.#known >= 0 && this.#paths.length === 1
    this.#known = revision
    this.#isComputing = true
    try {
      this.commit((tree) => this.#compute(tree, isNext ? change : undefined))
    } catch (error) {
      // The next change has to make up for it.
      this.#known = -1
      this.#hasFailed = revision
      this.listeners.report(error)
    } finally {
      this.#isComputing = false
    }
  }
}

/**
 * A state that a function makes of another one, for what patterns cannot say: rows of an owner, sums, other units. It
 * can be the option `state`, or what a function given there returns, so that it is computed once for all who see it. It
 * follows its source only while somebody watches it.
 *
 * @param fn - of the whole, called after each change: it costs what it looks at, and that it looks at the whole makes the
 * next change copy the wide objects on its way. With `each`, of one member, called for the members that a change touches;
 * `undefined` leaves one out. What it throws goes to `onError`, and the derived state stays as it was
 * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
 * @throws JugglerStateError `JUGGLER_PATH_INVALID`
 * @example
 * const total = derive(plant, ({ pumps }) => ({ running: Object.values(pumps).filter(({ on }) => on).length }), { paths: ['/pumps'] })
 * const anns = derive(shop, (order) => order.owner === 'ann' ? order : undefined, { each: '/orders' })
 */
export function derive<S, const P extends Path, R> (
  state: ReadableState<S>, fn: (value: MemberAt<S, P>, key: string) => R | undefined, options: DeriveEachOptions<P>): ReadableState<Record<string, R>>
export function derive<S, R> (state: ReadableState<S>, fn: (data: DeepReadonly<S>) => R, options?: DeriveOptions): ReadableState<R>
export function derive (
  state: ReadableState<unknown>, fn: (value: never, key: string) => unknown, options?: DeriveOptions & Partial<DeriveEachOptions<Path>>
): ReadableState<unknown> {
  if (typeof Object(state).onChange !== 'function') refuse('the state to derive from', typeof state, 'a state')
  if (typeof fn !== 'function') refuse('what derives a state', typeof fn, 'a function')
  const { each, paths = [''], onError = reportError } = Object(options) as DeriveOptions & Partial<DeriveEachOptions<Path>>
  if (!Array.isArray(paths) || paths.length === 0) refuse('paths', paths, 'an array of paths')
  if (each !== undefined) {
    keysOf(each)
    return new DerivedStore(state, [each], (report) => eachMember(state, fn, each, report), onError)
  }
  for (const path of paths as Path[]) keysOf(path)
  return new DerivedStore(state, paths, () => (tree) => mergeAt(tree, [], fn(state.data as never, '') ?? null, checkedCopy), onError)
}

/** Members of an object, mapped one by one. Where the function throws for one, that stays as it was, and is tried again at the next change. */
function eachMember (
  state: ReadableState<unknown>, fn: (value: never, key: string) => unknown, each: Path, report: Report
): Compute {
  const failed = new Set<string>()

  /** What becomes of a member: a value of the derived state's own, undefined: nothing, or `asItWas`. */
  const mapped = (base: Keys, name: string): JsonValue | undefined | typeof asItWas => {
    failed.delete(name)
    try {
      const value = fn(state.get([...base, name]) as never, name)
      return value === undefined ? undefined : checkedCopy(value, [name])
    } catch (error) {
      failed.add(name)
      report(error)
      return asItWas
    }
  }

  return (tree, change) => {
    const root = rootOf(state)
    const base = placeOf(root, each)
    const source = base && reach(root, base)
    const live = isObject(source) ? source : {}
    let changed = !isObject(tree.root)
    if (changed) mergeAt(tree, [], {}, trusted)
    const touched = change && base && namesIn(change, base)
    const names = touched === undefined ? new Set([...Object.keys(tree.root as JsonObject), ...Object.keys(live)]) : new Set([...touched, ...failed])
    for (const name of names) {
      const isThere = Object.hasOwn(live, name) && name !== '__proto__'
      if (!isThere) failed.delete(name)
      const is = isThere ? mapped(base!, name) : undefined
      const was = member(tree.root as JsonObject, name)
      if (is === asItWas || (is === undefined && was === undefined)) continue
      if (is !== undefined && was !== undefined) {
        if (!mergeAt(tree, [name], is, trusted, was)) continue
      } else {
        tree.write([name], is)
      }
      changed = true
    }
    return changed
  }
}

const asItWas = Symbol('as it was')

/** The root of a state, as it is: of one of ours without taking a snapshot, which the next change would pay for. */
const rootOf = (state: ReadableState<unknown>): JsonValue =>
  (state instanceof Readable ? state.tree.root : state.data) as JsonValue

/** The members of a place that a change touches; undefined: the whole place, or one that shifts. */
function namesIn ({ patch }: StateChange<unknown>, base: Keys): Set<string> | undefined {
  if (base.some((key) => typeof key === 'number')) return undefined
  const names = new Set<string>()
  for (const operation of patch) {
    for (const pointer of 'from' in operation ? [operation.path, operation.from] : [operation.path]) {
      const keys = parsePointer(pointer)!
      const depth = base.findIndex((key, i) => keys[i] !== key)
      if (depth !== -1 && depth < keys.length) continue
      if (keys.length <= base.length) return undefined
      names.add(keys[base.length]!)
    }
  }
  return names
}
