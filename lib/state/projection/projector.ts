/** Tells projections of one source what was written to it: those whom it concerns, found on one walk. */
import type { JsonValue } from '../../../types/json.ts'
import type { Keys } from '../../json/containers.ts'
import { Journal } from '../history/journal.ts'
import type { Source } from '../source.ts'
import type { Recorder } from '../store/store-tree.ts'
import type { Projection } from './projection.ts'
import { anyKey } from './rules.ts'
import type { Token } from './rules.ts'

/** A place of some rules, of whichever projections. */
class RuleNode {
  // There may be hundreds of thousands of them, and most have only one of the two.
  /** Those with a rule that ends here, and how many. */
  here: Map<Projection, number> | undefined
  below: Map<Token, RuleNode> | undefined
}

const projectors = new WeakMap<Source, Projector>()

export class Projector implements Recorder {
  readonly #source: Source
  readonly #root = new RuleNode()
  /** What the change that is being made has written so far. */
  #journal = new Journal()
  #unrecord: (() => void) | undefined
  #size = 0

  static of (source: Source): Projector {
    let projector = projectors.get(source)
    if (projector === undefined) projectors.set(source, projector = new Projector(source))
    return projector
  }

  private constructor (source: Source) {
    this.#source = source
  }

  /** Has a projection follow the source, from the state on that it was made of just now. */
  add (projection: Projection): void {
    for (const { tokens } of projection.filter.rules) {
      let node = this.#root
      for (const token of tokens) {
        node.below ??= new Map()
        let next = node.below.get(token)
        if (next === undefined) node.below.set(token, next = new RuleNode())
        node = next
      }
      node.here ??= new Map()
      node.here.set(projection, (node.here.get(projection) ?? 0) + 1)
    }
    this.#size++
    this.#unrecord ??= this.#source.record(this)
  }

  delete (projection: Projection): void {
    for (const { tokens } of projection.filter.rules) remove(this.#root, tokens, 0, projection)
    if (--this.#size > 0) return
    this.#unrecord!()
    this.#unrecord = undefined
    this.#journal = new Journal()
  }

  covers (keys: Keys): boolean {
    return this.#journal.covers(keys)
  }

  record (keys: Keys, before: JsonValue | undefined): void {
    this.#journal.record(keys, before)
  }

  moved (keys: Keys, before: JsonValue): void {
    this.#journal.record(keys, before)
  }

  committed (): void {
    for (const projection of this.#pass()) projection.committed()
  }

  undone (): void {
    // What stands there is what stood there, but maybe in another container.
    for (const projection of this.#pass()) projection.undone()
  }

  /** Tells what was written. Returns who was told. */
  #pass (): Set<Projection> {
    const told = new Set<Projection>()
    if (this.#journal.size === 0) return told
    const journal = this.#journal
    this.#journal = new Journal()
    journal.each((keys, before) => {
      const concerned = new Set<Projection>()
      collect(this.#root, keys, 0, concerned)
      for (const projection of concerned) {
        projection.follow(keys, before)
        told.add(projection)
      }
    })
    return told
  }
}

/** Finds whose rules cover a place, or places below it. */
function collect (node: RuleNode, keys: Keys, depth: number, found: Set<Projection>): void {
  // An array is shown or hidden as a whole, so that rules for any of its elements are concerned.
  if (depth === keys.length || typeof keys[depth] === 'number') {
    all(node, found)
    return
  }
  for (const projection of node.here?.keys() ?? []) found.add(projection)
  if (node.below === undefined) return
  const named = node.below.get(`${keys[depth]!}`)
  if (named !== undefined) collect(named, keys, depth + 1, found)
  const any = node.below.get(anyKey)
  if (any !== undefined) collect(any, keys, depth + 1, found)
}

function all (node: RuleNode, found: Set<Projection>): void {
  for (const projection of node.here?.keys() ?? []) found.add(projection)
  for (const next of node.below?.values() ?? []) all(next, found)
}

/** Returns whether nothing is left at a node. */
function remove (node: RuleNode, tokens: readonly Token[], depth: number, projection: Projection): boolean {
  if (depth === tokens.length) {
    const here = node.here!
    const others = here.get(projection)! - 1
    if (others > 0) here.set(projection, others)
    else here.delete(projection)
    if (here.size === 0) node.here = undefined
  } else {
    const below = node.below!
    const token = tokens[depth]!
    if (remove(below.get(token)!, tokens, depth + 1, projection)) below.delete(token)
    if (below.size === 0) node.below = undefined
  }
  return node.here === undefined && node.below === undefined
}
