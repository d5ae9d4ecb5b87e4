/** Rules compiled for walking down a state: at each place, what may be seen of it and below. */
import type { PathKey } from '../../../types/json.ts'
import { anyKey, isNarrower, isVisible } from './rules.ts'
import type { Rule } from './rules.ts'

/** What becomes of an array of which a part may be hidden: an array is shown whole or not at all, since indexes shift. */
export type ArrayPolicy = 'hide' | 'show'

/** One place, or many of which the same holds, with what holds for those below. Made when first asked for. */
export class FilterState {
  /** Whether a scalar here may be seen. */
  readonly isVisible: boolean
  /** Whether everything here and below may be seen. */
  readonly isWhole: boolean
  /** Whether nothing here or below may be seen. */
  readonly isNothing: boolean
  readonly #arrays: ArrayPolicy
  /** Rules that cover this place. */
  readonly #covering: readonly Rule[]
  /** Rules that may cover places below. */
  readonly #open: readonly Rule[]
  readonly #depth: number
  #named: Map<string, FilterState | undefined> | undefined
  #others: FilterState | undefined
  #showsArrays: boolean | undefined

  constructor (covering: readonly Rule[], open: readonly Rule[], depth: number, arrays: ArrayPolicy) {
    const visible = this.isVisible = isVisible(covering)
    // A rule that allows changes nothing below a place that is seen, and one that denies nothing below one that is not.
    this.isWhole = visible && open.every(({ allow }) => allow)
    this.isNothing = !visible && !mayShow(covering, open)
    this.#covering = covering
    this.#open = this.isWhole || this.isNothing ? [] : open
    this.#depth = depth
    this.#arrays = arrays
  }

  /** What holds for a member. */
  at (key: PathKey): FilterState {
    if (this.isWhole || this.isNothing) return this
    const name = `${key}`
    const named = this.#names
    if (!named.has(name)) return (this.#others ??= this.#next(undefined))
    let state = named.get(name)
    if (state === undefined) named.set(name, state = this.#next(name))
    return state
  }

  /** The names of all members of which anything may be seen; undefined: any may. */
  get onlyNames (): Iterable<string> | undefined {
    return (this.#others ??= this.#next(undefined)).isNothing ? this.#names.keys() : undefined
  }

  /** Whether an array here is shown, which it is as a whole. */
  get showsArrays (): boolean {
    return (this.#showsArrays ??= this.#judgeArrays())
  }

  #judgeArrays (): boolean {
    if (this.isWhole || this.isNothing) return this.isWhole
    // What holds for elements: those that rules name by their index, and all others.
    const elements = [this.#next(undefined), ...[...this.#names.keys()].filter(isIndex).map((name) => this.at(name))]
    return this.#arrays === 'show' ? elements.some(({ isNothing }) => !isNothing) : elements.every(({ isWhole }) => isWhole)
  }

  /** The keys that rules name at this level. */
  get #names (): Map<string, FilterState | undefined> {
    if (this.#named === undefined) {
      this.#named = new Map()
      for (const { tokens } of this.#open) {
        const token = tokens[this.#depth]!
        if (token !== anyKey) this.#named.set(token, undefined)
      }
    }
    return this.#named
  }

  /** @param name - undefined: a key that no rule names */
  #next (name: string | undefined): FilterState {
    const depth = this.#depth + 1
    const matching = this.#open.filter(({ tokens }) => tokens[depth - 1] === anyKey || tokens[depth - 1] === name)
    const covering = matching.filter(({ tokens }) => tokens.length === depth)
    const open = matching.filter(({ tokens }) => tokens.length > depth)
    return new FilterState(covering.length === 0 ? this.#covering : [...this.#covering, ...covering], open, depth, this.#arrays)
  }
}

/** Whether a place that is covered by the one rules may have places below that may be seen, by the others. */
function mayShow (covering: readonly Rule[], open: readonly Rule[]): boolean {
  const allowing = [...covering, ...open].filter(({ allow }) => allow)
  return open.some(({ allow }) => allow) && covering.every((rule) => rule.allow || allowing.some((other) => isNarrower(other, rule)))
}

const isIndex = (name: string): boolean => /^(0|[1-9]\d*)$/.test(name)

/** What of a state may be seen, and what has to be looked at when it changes. */
export class Filter {
  readonly rules: readonly Rule[]
  /** What holds for the root. */
  readonly start: FilterState

  constructor (rules: readonly Rule[], arrays: ArrayPolicy) {
    this.rules = rules
    this.start = new FilterState(rules.filter(({ tokens }) => tokens.length === 0), rules.filter(({ tokens }) => tokens.length > 0), 0, arrays)
  }

  /** Whether the place that a path of keys leads to may be seen, with all below it. */
  allows (keys: readonly PathKey[]): boolean {
    return this.reach(keys).isWhole
  }

  /** What holds for the place that a path of keys leads to. */
  reach (keys: readonly PathKey[]): FilterState {
    return keys.reduce<FilterState>((state, key) => state.at(key), this.start)
  }
}
