/** Listeners by place: a change costs its depth and those whom it concerns, however many others there are. */
import type { Listeners } from '../reading/listeners.ts'
import { checkListener, createTeller } from '../reading/teller.ts'
import type { Listener } from '../reading/teller.ts'

interface Watcher<A extends unknown[]> { readonly listener: Listener<A>, readonly order: number }

class WatchNode<A extends unknown[]> {
  readonly here = new Set<Watcher<A>>()
  readonly kids = new Map<string, WatchNode<A>>()
}

const tokensOf = (pointer: string): string[] => pointer.split('/').slice(1)

export interface WatchTree<A extends unknown[]> extends Listeners<A> {
  /** How many there are. */
  readonly count: number
}

/** What `createListeners` makes, for states that thousands may listen to, each to a part of it. */
export function createWatchTree<A extends unknown[]> (onError: (error: unknown) => void): WatchTree<A> {
  const { tell, report } = createTeller(onError)
  const root = new WatchNode<A>()
  let order = 0
  let count = 0

  return {
    report,

    get count () {
      return count
    },

    add (listener, pointer = '') {
      checkListener(listener)
      const watcher = { listener, order: order++ }
      const tokens = tokensOf(pointer)
      const trail = [root]
      let node = root
      for (const token of tokens) {
        let kid = node.kids.get(token)
        if (kid === undefined) node.kids.set(token, kid = new WatchNode())
        trail.push(node = kid)
      }
      node.here.add(watcher)
      count++
      return () => {
        if (!node.here.delete(watcher)) return
        count--
        for (let i = tokens.length; i > 0 && trail[i]!.here.size + trail[i]!.kids.size === 0; i--) {
          trail[i - 1]!.kids.delete(tokens[i - 1]!)
        }
      }
    },

    emit (args, places = new Set([''])) {
      const found = new Set(root.here)
      if (root.kids.size > 0) for (const place of places) collect(root, tokensOf(place), found)
      tell([...found].sort((a, b) => a.order - b.order).map(({ listener }) => listener), args)
    }
  }
}

/** Finds who watches on the way to a place, there, and below. */
function collect<A extends unknown[]> (root: WatchNode<A>, tokens: readonly string[], found: Set<Watcher<A>>): void {
  let node: WatchNode<A> | undefined = root
  for (const token of tokens) {
    node = node.kids.get(token)
    if (node === undefined) return
    for (const watcher of node.here) found.add(watcher)
  }
  below(node, found)
}

function below<A extends unknown[]> (node: WatchNode<A>, found: Set<Watcher<A>>): void {
  for (const kid of node.kids.values()) {
    for (const watcher of kid.here) found.add(watcher)
    below(kid, found)
  }
}
