/** Rules compiled for walking down a state: at each place, what may be seen of it and below. */
import type { PathKey } from '../../../types/json.ts'
import { anyKey, isVisible } from './rules.ts'
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
  #named: Map<string, Named> | undefined
  /** Rules for any key of the next level, once they are sorted. */
  #forAny: Rule[] | undefined
  #others: FilterState | undefined
  #showsArrays: boolean | undefined

  constructor (covering: readonly Rule[], open: readonly Rule[], depth: number, arrays: ArrayPolicy) {
    const visible = this.isVisible = isVisible(covering)
    // A rule that allows changes nothing below a place that is seen, and one that denies nothing below one that is not.
    this.isWhole = visible && open.every(({ allow }) => allow)
    this.isNothing = !visible && !mayShow(covering, open, depth)
    this.#covering = covering
    this.#open = this.isWhole || this.isNothing ? [] : open
    this.#depth = depth
    this.#arrays = arrays
  }

  /** What holds for a member. */
  at (key: PathKey): FilterState {
    if (this.isWhole || this.isNothing) return this
    const named = this.#names.get(`${key}`)
    return named === undefined ? this.#other : (named.state ??= this.#next(named.rules))
  }

  /** What holds for members that no rule names. */
  get #other (): FilterState {
    // what is for any key is known once the rules are sorted
    if (this.#others === undefined) this.#others = this.#names && this.#next(this.#forAny!)
    return this.#others
  }

  /** The names of all members of which anything may be seen; undefined: any may. */
  get onlyNames (): Iterable<string> | undefined {
    return this.#other.isNothing ? this.#names.keys() : undefined
  }

  /** Whether an array here is shown, which it is as a whole. */
  get showsArrays (): boolean {
    return (this.#showsArrays ??= this.#judgeArrays())
  }

  #judgeArrays (): boolean {
    if (this.isWhole || this.isNothing) return this.isWhole
    // What holds for elements: those that rules name by their index, and all others.
    const elements = [this.#other, ...[...this.#names.keys()].filter(isIndex).map((name) => this.at(name))]
    return this.#arrays === 'show' ? elements.some(({ isNothing }) => !isNothing) : elements.every(({ isWhole }) => isWhole)
  }

  /** The keys that rules name at this level. Sorts the rules, once: there may be thousands. */
  get #names (): Map<string, Named> {
    if (this.#named === undefined) {
      const named: Map<string, Named> = this.#named = new Map()
      const forAny: Rule[] = this.#forAny = []
      for (const rule of this.#open) {
        const token = rule.tokens[this.#depth]!
        if (token === anyKey) forAny.push(rule)
        else if (named.has(token)) named.get(token)!.rules.push(rule)
        else named.set(token, { rules: [rule], state: undefined })
      }
      if (forAny.length > 0) for (const each of named.values()) each.rules.push(...forAny)
    }
    return this.#named
  }

  /** @param matching - the rules that go on below */
  #next (matching: readonly Rule[]): FilterState {
    const depth = this.#depth + 1
    const covering = matching.filter(({ tokens }) => tokens.length === depth)
    const open = matching.filter(({ tokens }) => tokens.length > depth)
    const state = new FilterState(covering.length === 0 ? this.#covering : [...this.#covering, ...covering], open, depth, this.#arrays)
    // Nearly all are one of these, and there may be hundreds of thousands of them.
    return state.isWhole ? whole : state.isNothing ? nothing : state
  }
}

const whole = new FilterState([{ tokens: [], allow: true }], [], 0, 'hide')
const nothing = new FilterState([], [], 0, 'hide')

/** A key that rules name: those for it, the ones for any key among them, and what holds there. */
interface Named { readonly rules: Rule[], state: FilterState | undefined }

/**
 * Whether anything below a place may be seen: whether the places of a rule that allows are not all hidden by others.
 *
 * @param depth - of the place, up to which all of these rules match
 */
function mayShow (covering: readonly Rule[], open: readonly Rule[], depth: number): boolean {
  const rules = [...covering, ...open]
  const isWithin = ({ tokens }: Rule, other: Rule): boolean => {
    for (let i = depth; i < other.tokens.length; i++) if (other.tokens[i] !== anyKey && other.tokens[i] !== tokens[i]) return false
    return tokens.length >= other.tokens.length
  }
  return open.some((rule) => rule.allow && isVisible(rules.filter((other) => isWithin(rule, other))))
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
