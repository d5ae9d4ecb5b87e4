/** The listeners of a store: of the whole, and of single paths, called in the order of registration. */
import type { Keys } from './tree.ts'

interface Watcher<L> { readonly listener: L, readonly order: number }

class WatchNode<L> {
  readonly here = new Set<Watcher<L>>()
  readonly kids = new Map<string, WatchNode<L>>()
}

export class Watchers<L> {
  #root = new WatchNode<L>()
  #order = 0
  #size = 0

  get size (): number {
    return this.#size
  }

  /** Adds a listener for changes at, above or below a path; the same function may be added more than once. */
  add (keys: Keys, listener: L): () => void {
    const watcher = { listener, order: this.#order++ }
    let node = this.#root
    const trail: Array<[WatchNode<L>, string]> = []
    for (const key of keys) {
      const name = String(key)
      let kid = node.kids.get(name)
      if (kid === undefined) node.kids.set(name, kid = new WatchNode())
      trail.push([node, name])
      node = kid
    }
    node.here.add(watcher)
    this.#size++
    return () => {
      if (!node.here.delete(watcher)) return
      this.#size--
      for (let entry = trail.pop(); entry !== undefined; entry = trail.pop()) {
        const [parent, name] = entry
        const kid = parent.kids.get(name)
        if (kid === undefined || kid.here.size > 0 || kid.kids.size > 0) break
        parent.kids.delete(name)
      }
      trail.length = 0
    }
  }

  /** The listeners that changes at these places concern. */
  concerned (places: Iterable<Keys>): L[] {
    const found = new Set(this.#root.here)
    if (this.#root.kids.size > 0) for (const keys of places) this.#collect(keys, found)
    return [...found].sort((a, b) => a.order - b.order).map((watcher) => watcher.listener)
  }

  #collect (keys: Keys, found: Set<Watcher<L>>): void {
    let node: WatchNode<L> | undefined = this.#root
    for (const key of keys) {
      node = node.kids.get(String(key))
      if (node === undefined) return
      for (const watcher of node.here) found.add(watcher)
    }
    this.#below(node, found)
  }

  #below (node: WatchNode<L>, found: Set<Watcher<L>>): void {
    for (const kid of node.kids.values()) {
      for (const watcher of kid.here) found.add(watcher)
      this.#below(kid, found)
    }
  }
}
