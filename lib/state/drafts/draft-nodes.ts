/** What the recipe of `update()` holds in its hands: proxies that read through to the live tree and keep the writes. */
import type { JsonObject, JsonValue } from '../../../types/json.ts'
import { isContainer } from '../../json/containers.ts'

/** Whether the recipe still runs: a draft kept beyond it is dead. */
export interface Scope { open: boolean }

export const removed = Symbol('removed')

/** What the recipe did to one container. An object's changes stand beside it, since it may be very wide. */
export class ObjectNode {
  readonly kind = 'object'
  readonly base: JsonObject
  readonly scope: Scope
  /** By name: a value, a draft of what stands there, or `removed`. */
  readonly changes = new Map<string, unknown>()

  constructor (base: JsonObject, scope: Scope) {
    this.base = base
    this.scope = scope
  }

  has (key: PropertyKey): key is string {
    if (typeof key !== 'string') return false
    const change = this.changes.get(key)
    return change === undefined ? this.changes.has(key) || Object.hasOwn(this.base, key) : change !== removed
  }

  read (key: string): unknown {
    const change = this.changes.get(key)
    if (change !== undefined || this.changes.has(key)) return change
    const member = this.base[key]!
    if (!isContainer(member)) return member
    const draft = draftFor(member, this.scope)
    this.changes.set(key, draft)
    return draft
  }
}

/** An array's draft works on a copy, which holds elements of the base, drafts of them, and what the recipe put in. */
export class ArrayNode {
  readonly kind = 'array'
  readonly base: JsonValue[]
  readonly scope: Scope
  readonly copy: unknown[]
  #past: Set<JsonValue> | undefined

  constructor (base: JsonValue[], scope: Scope) {
    this.base = base
    this.scope = scope
    this.copy = base.slice()
  }

  /** Whether a container was an element at the start; `index`: where to look first. */
  isPast (value: unknown, index: number): value is JsonValue {
    if (this.base[index] === value) return true
    this.#past ??= new Set(this.base.filter(isContainer))
    return this.#past.has(value as JsonValue)
  }

  /** What a reader of an element gets: the base's containers as drafts. */
  draftOf (element: unknown, index: number): unknown {
    return isContainer(element) && !nodes.has(element) && this.isPast(element, index) ? draftFor(element as JsonValue, this.scope) : element
  }
}

export type Node = ObjectNode | ArrayNode

const nodes = new WeakMap<object, Node>()
const nodeOfCopy = new WeakMap<unknown[], ArrayNode>()

/** What stands behind a draft; undefined for anything else. */
export const nodeOf = (value: unknown): Node | undefined => isContainer(value) ? nodes.get(value) : undefined

/** A draft of a container; anything else is its own. */
export function draftFor (value: JsonValue, scope: Scope): unknown {
  if (!isContainer(value)) return value
  let node: Node
  let draft: object
  if (Array.isArray(value)) {
    node = new ArrayNode(value, scope)
    draft = new Proxy(node.copy, arrayHandler)
    nodeOfCopy.set(node.copy, node)
  } else {
    node = new ObjectNode(value, scope)
    draft = new Proxy(node, objectHandler) as object
  }
  nodes.set(draft, node)
  return draft
}

function alive ({ scope }: Node): void {
  if (!scope.open) throw new TypeError('a draft of update() was used after its recipe returned')
}

/** One handler for all: a recipe may make thousands of drafts. */
const objectHandler: ProxyHandler<ObjectNode> = {
  get (node, key) {
    alive(node)
    return node.has(key) ? node.read(key) : Reflect.get(Object.prototype, key)
  },
  set (node, key, value) {
    alive(node)
    if (typeof key === 'string') node.changes.set(key, value)
    return typeof key === 'string'
  },
  deleteProperty (node, key) {
    alive(node)
    if (node.has(key)) node.changes.set(key, removed)
    return true
  },
  has: (node, key) => node.has(key) || Reflect.has(Object.prototype, key),
  ownKeys (node) {
    const added = [...node.changes.keys()].filter((key) => !Object.hasOwn(node.base, key) && node.has(key))
    return [...Object.keys(node.base).filter((key) => node.has(key)), ...added]
  },
  getOwnPropertyDescriptor: (node, key) =>
    node.has(key) ? { value: node.read(key), writable: true, enumerable: true, configurable: true } : undefined,
  defineProperty (node, key, descriptor) {
    alive(node)
    if (typeof key !== 'string' || !('value' in descriptor)) return false
    node.changes.set(key, descriptor.value)
    return true
  },
  getPrototypeOf: () => Object.prototype
}

/** Methods that would read and write every element through the proxy, and need not. */
const mutators: Record<string, (node: ArrayNode, ...args: unknown[]) => unknown> = {
  push: ({ copy }, ...items) => copy.push(...items),
  unshift: ({ copy }, ...items) => copy.unshift(...items),
  pop: (node) => node.draftOf(node.copy.pop(), node.copy.length),
  shift: (node) => node.draftOf(node.copy.shift(), 0),
  splice (node, ...args) {
    const gone = (node.copy.splice as (...args: unknown[]) => unknown[])(...args)
    return gone.map((element) => node.draftOf(element, -1))
  }
}

const arrayHandler: ProxyHandler<unknown[]> = {
  get (copy, key, receiver) {
    const node = nodeOfCopy.get(copy)!
    alive(node)
    if (typeof key === 'string' && Object.hasOwn(mutators, key)) return (...args: unknown[]) => mutators[key]!(node, ...args)
    const element: unknown = Reflect.get(copy, key, receiver)
    if (typeof key === 'symbol' || !isContainer(element)) return element
    const draft = node.draftOf(element, Number(key))
    if (draft !== element) Reflect.set(copy, key, draft)
    return draft
  },
  set (copy, key, value, receiver) {
    alive(nodeOfCopy.get(copy)!)
    return Reflect.set(copy, key, value, receiver)
  },
  deleteProperty (copy, key) {
    alive(nodeOfCopy.get(copy)!)
    return Reflect.deleteProperty(copy, key)
  }
}
