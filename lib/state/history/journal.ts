/** A journal of touched paths: what stood at each place at the base, so that a diff costs what changed since. */
import type { JsonArray, JsonObject, JsonValue, PatchOperation, PathKey } from '../../../types/json.ts'
import type { Keys, Slots } from '../../json/containers.ts'
import { Differ } from '../../json/diff.ts'
import { escapeKey } from '../../json/pointer.ts'
import type { Widths } from '../../json/size.ts'
import { copyOf, valueAt } from '../../json/containers.ts'

/** Marks a node whose own place was not touched, only places below it. */
const untouched = Symbol('untouched')

/** Numbers of members of very wide objects, so that no diff has to list them. */
export const widths: Widths = new WeakMap()

class JournalNode {
  /** What stood here at the base; undefined: nothing did. */
  before: JsonValue | undefined | typeof untouched = untouched
  kids: Map<PathKey, JournalNode> | undefined
}

/**
 * The touched places since one base. A place below one that is recorded needs no record of its own: the value kept
 * there is the base's, whole. Journals of successive windows merge, the older record winning.
 */
export class Journal {
  #root = new JournalNode()
  #size = 0

  /** How many places are recorded. */
  get size (): number {
    return this.#size
  }

  covers (keys: Keys): boolean {
    let node: JournalNode | undefined = this.#root
    for (const key of keys) {
      if (node.before !== untouched) return true
      node = node.kids?.get(key)
      if (node === undefined) return false
    }
    return node.before !== untouched
  }

  /** Records what stood at a place, unless that is known already. */
  record (keys: Keys, before: JsonValue | undefined): void {
    let node = this.#root
    for (const key of keys) {
      if (node.before !== untouched) return
      node.kids ??= new Map()
      let kid = node.kids.get(key)
      if (kid === undefined) node.kids.set(key, kid = new JournalNode())
      node = kid
    }
    if (node.before === untouched) this.#keepWhole(node, before)
  }

  /** Takes over what a journal of the following window recorded, which must not be used afterwards. */
  absorb (later: Journal): void {
    this.#absorb(this.#root, later.#root)
    later.#root = new JournalNode()
    later.#size = 0
  }

  /** The operations that lead from the base to the live tree. */
  diff (root: JsonValue): PatchOperation[] {
    const out: PatchOperation[] = []
    diffNode(new Differ(out, widths), this.#root, root, '')
    return out
  }

  /** The places that are recorded, by their keys. */
  places (): PathKey[][] {
    const out: PathKey[][] = []
    this.each((keys) => { out.push(keys) })
    return out
  }

  /** Calls a function with each place that is recorded, and what stood there at the base. */
  each (visit: (keys: PathKey[], before: JsonValue | undefined) => void): void {
    eachBelow(this.#root, [], visit)
  }

  /** A journal of its own with the same records. */
  copy (): Journal {
    const journal = new Journal()
    journal.#root = copyOfNode(this.#root)
    journal.#size = this.#size
    return journal
  }

  /** Keeps what stood at a place, whole, instead of what is recorded below it. */
  #keepWhole (node: JournalNode, before: JsonValue | undefined): void {
    if (node.kids !== undefined) {
      this.#size -= recordsBelow(node)
      before = restored(before as JsonObject | JsonArray, node)
      node.kids = undefined
    }
    node.before = before
    this.#size++
  }

  #absorb (node: JournalNode, later: JournalNode): void {
    if (node.before !== untouched) return
    if (later.before !== untouched) {
      this.#keepWhole(node, later.before)
      return
    }
    for (const [key, kid] of later.kids ?? []) {
      const own = node.kids?.get(key)
      if (own !== undefined) {
        this.#absorb(own, kid)
      } else {
        node.kids ??= new Map()
        node.kids.set(key, kid)
        this.#size += recordsBelow(kid)
      }
    }
  }
}

function copyOfNode (node: JournalNode): JournalNode {
  const copy = new JournalNode()
  copy.before = node.before
  if (node.kids !== undefined) {
    copy.kids = new Map()
    for (const [key, kid] of node.kids) copy.kids.set(key, copyOfNode(kid))
  }
  return copy
}

function eachBelow (node: JournalNode, keys: PathKey[], visit: (keys: PathKey[], before: JsonValue | undefined) => void): void {
  if (node.before !== untouched) visit(keys, node.before)
  for (const [key, kid] of node.kids ?? []) eachBelow(kid, [...keys, key], visit)
}

function recordsBelow (node: JournalNode): number {
  if (node.before !== untouched) return 1
  let count = 0
  for (const kid of node.kids?.values() ?? []) count += recordsBelow(kid)
  return count
}

/** A container as it was at the base, from what it is now and the records below it. */
function restored (container: JsonObject | JsonArray, node: JournalNode): JsonValue {
  const copy = copyOf(container) as Slots
  for (const [key, kid] of node.kids!) {
    if (kid.before === untouched) copy[key] = restored(copy[key] as JsonObject, kid)
    else if (kid.before === undefined) delete copy[key]
    else copy[key] = kid.before
  }
  return copy as unknown as JsonValue
}

function diffNode (differ: Differ, node: JournalNode, live: JsonValue | undefined, path: string): void {
  const { before, kids } = node
  if (before === untouched) {
    if (kids === undefined) return
    const container = live as JsonObject | JsonArray
    differ.within(container, path, () => {
      for (const [key, kid] of kids) diffNode(differ, kid, valueAt(container, [key]), `${path}/${escapeKey(key)}`)
    })
  } else if (before === undefined) {
    if (live !== undefined) differ.add(path, live)
  } else if (live === undefined) {
    differ.remove(path)
  } else {
    differ.compare(before, live, path)
  }
}
