/** When each place of a state was last touched: from it a patch can be made that is right for many bases at once. */
import type { JsonValue, PathKey } from '../../../types/json.ts'
import type { Keys } from '../../json/containers.ts'
import { isContainer, member } from '../../json/containers.ts'
import { escapeKey } from '../../json/pointer.ts'
import { PatchCollector } from './patch-texts.ts'
import type { PatchTexts } from './patch-texts.ts'

/** What is below a place: of a place that was touched itself its stamp, with its operation once that was written, else a node. */
type Entry = number | Written | TouchNode

/** A place that was touched itself, and the operation that gives it its value of now. A touch makes it a stamp again. */
class Written {
  readonly latest: number
  readonly text: string

  constructor (latest: number, text: string) {
    this.latest = latest
    this.text = text
  }
}

/** Longest operation in characters that is kept. Values of hundreds of bytes would be the state a second time. */
const longestKept = 160

/**
 * A place with touched places below it. There is one for each container on the way to a touch, so it is kept small: most
 * have one child, and a child without children is no node.
 */
class TouchNode {
  /** When the place was last written as a whole, 0: not since the horizon. */
  own: number
  /** The latest touch of it or of anything below. */
  latest: number
  /** The only child, as long as there is one. */
  key: PathKey | undefined
  entry: Entry | undefined
  kids: Map<PathKey, Entry> | undefined

  constructor (own: number) {
    this.own = this.latest = own
    this.key = this.entry = this.kids = undefined
  }

  get (key: PathKey): Entry | undefined {
    return this.kids === undefined ? (this.key === key ? this.entry : undefined) : this.kids.get(key)
  }

  set (key: PathKey, entry: Entry): void {
    if (this.kids !== undefined) {
      this.kids.set(key, entry)
    } else if (this.entry === undefined || this.key === key) {
      this.key = key
      this.entry = entry
    } else {
      this.kids = new Map([[this.key!, this.entry], [key, entry]])
      this.key = this.entry = undefined
    }
  }

  entries (): Iterable<[PathKey, Entry]> {
    return this.kids ?? (this.entry === undefined ? [] : [[this.key!, this.entry]])
  }

  /** Forgets what is below. */
  clear (): void {
    this.key = this.entry = this.kids = undefined
  }
}

const latestOf = (entry: Entry): number => typeof entry === 'number' ? entry : entry.latest
const isNode = (entry: Entry | undefined): entry is TouchNode => entry instanceof TouchNode

/**
 * The touched places of one state, each with the revision that touched it last. An array whose elements shifted is one
 * place.
 *
 * The patch for a base gives each place that was touched after it the value that it has now, whatever it was before. So
 * one patch is right not only for its base, but for every later one as well: readers who stand at different revisions
 * can be sent the same message.
 */
export class Touches {
  #root: TouchNode = new TouchNode(0)
  #size = 0
  #horizon: number
  /** Above so many places `onMost` is called. */
  most = Infinity
  onMost: (() => void) | undefined

  /** @param horizon - the revision from which on every touch will be told */
  constructor (horizon: number) {
    this.#horizon = horizon
  }

  /** The oldest base that a patch can be made for. */
  get horizon (): number {
    return this.#horizon
  }

  /**
   * From now on patches for a base before the horizon are right: the caller has touched what changed since that base.
   *
   * @param base - the new horizon; nothing happens where it is not earlier than the present one
   */
  reach (base: number): void {
    this.#horizon = Math.min(this.#horizon, base)
  }

  /** How many places are known. */
  get size (): number {
    return this.#size
  }

  /**
   * A place was written, or removed, or (an array) its elements shifted.
   *
   * @param revision - the one that the write leads to; never less than at the last call
   */
  touch (keys: Keys, revision: number): void {
    const last = keys.length - 1
    let node = this.#root
    node.latest = revision
    if (last === -1) {
      this.#size = 1
      node.own = revision
      node.clear()
      return
    }
    for (let i = 0; i < last; i++) {
      const key = keys[i]!
      let entry = node.get(key)
      if (!isNode(entry)) {
        const next = new TouchNode(entry === undefined ? 0 : latestOf(entry))
        node.set(key, entry = next)
      }
      node = entry
      node.latest = revision
    }
    const key = keys[last]!
    const entry = node.get(key)
    if (entry === undefined) this.#size++
    else if (isNode(entry)) this.#size -= placesOf(entry) - 1
    node.set(key, revision)
  }

  /** A change is whole: now touches can be forgotten, as their revision is one that a reader may have. */
  committed (): void {
    if (this.#size > this.most) this.onMost?.()
  }

  /**
   * The operations that lead from any state between a base and now to now: `add` for members, `replace` for elements and
   * for the whole, `add` and `remove` for what is gone. They are for bases after that one as well.
   *
   * @param base - a revision
   * @param root - the state as it is now
   * @returns `undefined` where the base is older than the horizon
   */
  textsSince (base: number, root: JsonValue): PatchTexts | undefined {
    if (base < this.#horizon) return undefined
    const out = new PatchCollector()
    const { own, latest } = this.#root
    if (own > base) out.add(0, own, `{"op":"replace","path":"","value":${JSON.stringify(root)}}`)
    if (latest > base) collect(this.#root, base, own, root, '', out)
    return out.texts()
  }

  /**
   * Forgets touches up to a revision. Bases before it cannot be served any more.
   *
   * @param horizon - the new one; nothing happens where it is not later than the present one
   */
  prune (horizon: number): void {
    if (horizon <= this.#horizon) return
    this.#horizon = horizon
    this.#size = this.#root.latest > horizon ? pruneNode(this.#root, horizon) : 0
    if (this.#size === 0) this.#root = new TouchNode(0)
  }

  /** Forgets the oldest touches, so that at most so many places are left. All touches of one revision go together. */
  shrink (places: number): void {
    if (this.#size <= places) return
    const stamps: number[] = []
    stampsOf(this.#root, stamps)
    this.prune(horizonFor(stamps, places))
  }
}

/** The earliest revision after which at most so many of the stamps come. */
export function horizonFor (stamps: readonly number[], most: number): number {
  const latestFirst = Float64Array.from(stamps).sort().reverse()
  return latestFirst.length > most ? latestFirst[most]! : 0
}

/**
 * @param after - the latest touch of a place above: for a base before it that place is given as a whole
 * @param path - of the container, as it stands in JSON
 */
function collect (node: TouchNode, base: number, after: number, container: JsonValue, path: string, out: PatchCollector): void {
  for (const [key, entry] of node.entries()) {
    const latest = latestOf(entry)
    if (latest <= base || latest <= after) continue
    if (isNode(entry)) collectNode(entry, base, after, container, path, key, out)
    else out.add(after, latest, entry instanceof Written ? entry.text : write(node, key, latest, container, path))
  }
}

function collectNode (node: TouchNode, base: number, after: number, container: JsonValue, path: string, key: PathKey, out: PatchCollector): void {
  const { own, entry } = node
  const isOwn = own > base && own > after
  if (!isOwn && entry instanceof Written) {
    // The commonest of all: one member of an object, which was written before. The state need not be looked at.
    out.add(Math.max(after, own), entry.latest, entry.text)
    return
  }
  const place = path + tokenInJson(key)
  const value = valueIn(container, key)
  if (isOwn) out.add(after, own, operationText(place, value, Array.isArray(container)))
  if (value !== undefined) collect(node, base, Math.max(after, own), value, place, out)
}

/** Writes the operation of a place that was touched itself, and keeps it where it is short. */
function write (node: TouchNode, key: PathKey, latest: number, container: JsonValue, path: string): string {
  const text = operationText(path + tokenInJson(key), valueIn(container, key), Array.isArray(container))
  if (text.length <= longestKept) node.set(key, new Written(latest, text))
  return text
}

/** What a place below was touched in is a container: the place would have been touched itself if it had become another. */
const valueIn = (container: JsonValue, key: PathKey): JsonValue | undefined => isContainer(container) ? member(container, key) : undefined

/** What gives a place its value of now, whatever it has been. */
function operationText (place: string, value: JsonValue | undefined, inArray: boolean): string {
  if (value === undefined) return `{"op":"add","path":"${place}","value":null},{"op":"remove","path":"${place}"}`
  const text = typeof value === 'number' ? value : JSON.stringify(value)
  return `{"op":"${inArray ? 'replace' : 'add'}","path":"${place}","value":${text}}`
}

/** A key as a token of a path, with its slash, as it stands between the quotes of a JSON string. */
function tokenInJson (key: PathKey): string {
  // One look for what stands for itself both in a pointer and in JSON.
  if (typeof key === 'number' || !/[^ !#-.0-[\]-}]/.test(key)) return `/${key}`
  return `/${JSON.stringify(escapeKey(key)).slice(1, -1)}`
}

/** How many places a node stands for: itself, where it was touched, and those below. */
function placesOf (node: TouchNode): number {
  let count = node.own > 0 ? 1 : 0
  for (const [, entry] of node.entries()) count += isNode(entry) ? placesOf(entry) : 1
  return count
}

function stampsOf (node: TouchNode, out: number[]): void {
  if (node.own > 0) out.push(node.own)
  for (const [, entry] of node.entries()) {
    if (isNode(entry)) stampsOf(entry, out)
    else out.push(latestOf(entry))
  }
}

/** Drops what was touched at the horizon or before; returns how many places are left. */
function pruneNode (node: TouchNode, horizon: number): number {
  if (node.own <= horizon) node.own = 0
  let count = node.own > 0 ? 1 : 0
  const kept: Array<[PathKey, Entry]> = []
  for (const [key, entry] of node.entries()) {
    if (latestOf(entry) <= horizon) continue
    count += isNode(entry) ? pruneNode(entry, horizon) : 1
    kept.push([key, entry])
  }
  node.clear()
  for (const [key, entry] of kept) node.set(key, entry)
  return count
}
