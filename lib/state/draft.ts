/**
 * Drafts for `update(recipe)`: proxies that read through to the live tree and keep what the recipe writes to
 * themselves, so that a recipe that throws has changed nothing, and a wide object is never copied for one member.
 */
import type { JsonObject, JsonValue, PathKey } from '../../types/json.ts'
import { cloneJson } from './clone.ts'
import { mergeAt, trusted } from './merge.ts'
import type { Tree } from './tree.ts'
import { isContainer } from './tree.ts'

/** Whether the recipe still runs: a draft kept beyond it is dead. */
interface Scope { open: boolean }

const removed = Symbol('removed')

/** What the recipe did to one container. */
interface ObjectNode { readonly kind: 'object', readonly base: JsonObject, readonly changes: Map<string, unknown> }
interface ArrayNode { readonly kind: 'array', readonly base: JsonValue[], readonly copy: unknown[] }
type Node = ObjectNode | ArrayNode

const nodes = new WeakMap<object, Node>()

/** A place that changed; `base` is what stands there, undefined: nothing. */
interface Change { readonly keys: PathKey[], value: unknown, readonly base: JsonValue | undefined }

export interface Draft {
  /** What the recipe gets. */
  readonly value: unknown
  /** Writes what the recipe changed. Nothing is written where a value is not JSON. Returns whether anything changed. */
  commit (tree: Tree): boolean
  /** Makes the draft unusable. */
  end (): void
}

export function draftOf (root: JsonValue): Draft {
  const scope: Scope = { open: true }
  const value = wrap(root, scope)
  return {
    value,
    commit: (tree) => {
      const changes: Change[] = []
      collect(value, [], changes)
      // Every value is checked and copied before the first is written.
      for (const change of changes) change.value = settled(change)
      let changed = false
      for (const { keys, value, base } of changes) {
        if (value === removed) tree.write(keys, undefined)
        else if (base === undefined) tree.write(keys, value as JsonValue)
        else if (!mergeAt(tree, keys, value, trusted, base)) continue
        changed = true
      }
      return changed
    },
    end: () => { scope.open = false }
  }
}

/** Finds what changed: member by member along objects, an array as a whole. */
function collect (value: unknown, keys: PathKey[], changes: Change[]): void {
  const node = nodeOf(value)
  if (node === undefined) return
  if (node.kind === 'array') {
    if (arrayChanged(node)) changes.push({ keys, value, base: node.base })
    return
  }
  for (const [name, member] of node.changes) {
    const base = Object.hasOwn(node.base, name) ? node.base[name] : undefined
    const place = [...keys, name]
    if (base !== undefined && nodeOf(member)?.base === base) collect(member, place, changes)
    else if (member !== removed || base !== undefined) changes.push({ keys: place, value: member, base })
  }
}

/** What goes into the tree: a copy, except that elements of an array's own past are kept as they are. */
function settled ({ keys, value, base }: Change): unknown {
  if (value === removed) return removed
  if (keys.at(-1) === '__proto__') cloneJson({ ['__proto__']: 0 }, keys.slice(0, -1))
  const node = nodeOf(value)
  return node?.kind === 'array' && node.base === base ? settledArray(node, [...keys]) : cloneJson(value, [...keys])
}

function settledArray (node: ArrayNode, keys: PathKey[]): JsonValue[] {
  const past = new Set(node.base)
  return node.copy.map((element, i) => settledElement(element, past, [...keys, i]))
}

function settledElement (element: unknown, past: Set<JsonValue>, keys: PathKey[]): JsonValue {
  if (past.has(element as JsonValue)) return element as JsonValue
  const node = nodeOf(element)
  if (node === undefined || !past.has(node.base)) return cloneJson(element, keys)
  if (node.kind === 'array') return arrayChanged(node) ? settledArray(node, keys) : node.base
  return objectChanged(node) ? cloneJson(element, keys) : node.base
}

function arrayChanged ({ base, copy }: ArrayNode): boolean {
  return copy.length !== base.length || copy.some((element, i) => element !== base[i] && changedFrom(base[i]!, element))
}

function objectChanged ({ base, changes }: ObjectNode): boolean {
  for (const [name, member] of changes) {
    if (!Object.hasOwn(base, name) || changedFrom(base[name]!, member)) return true
  }
  return false
}

/** Whether what stands in a place is anything but an unchanged draft of what stood there. */
function changedFrom (base: JsonValue, value: unknown): boolean {
  const node = nodeOf(value)
  if (node === undefined || node.base !== base) return true
  return node.kind === 'array' ? arrayChanged(node) : objectChanged(node)
}

const nodeOf = (value: unknown): Node | undefined => isContainer(value) ? nodes.get(value) : undefined

function wrap (value: JsonValue, scope: Scope): unknown {
  if (!isContainer(value)) return value
  return Array.isArray(value) ? wrapArray(value, scope) : wrapObject(value, scope)
}

/** An array's draft works on a copy of it, so that every method of arrays does what it always does. */
function wrapArray (base: JsonValue[], scope: Scope): unknown[] {
  const copy: unknown[] = base.slice()
  let past: Set<JsonValue> | undefined
  const proxy = new Proxy(copy, {
    get (target, key, receiver) {
      alive(scope)
      const element: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol' || !isContainer(element) || nodes.has(element)) return element
      past ??= new Set(base)
      if (!past.has(element)) return element
      const draft = wrap(element, scope)
      Reflect.set(target, key, draft)
      return draft
    },
    set (target, key, value, receiver) {
      alive(scope)
      return Reflect.set(target, key, value, receiver)
    }
  })
  nodes.set(proxy, { kind: 'array', base, copy })
  return proxy
}

/** An object's draft keeps its changes beside the object, which may be very wide. */
function wrapObject (base: JsonObject, scope: Scope): object {
  const changes = new Map<string, unknown>()
  const has = (key: PropertyKey): boolean => {
    if (typeof key !== 'string') return false
    return changes.has(key) ? changes.get(key) !== removed : Object.hasOwn(base, key)
  }
  const read = (key: string): unknown => {
    if (changes.has(key)) return changes.get(key)
    const member = base[key]!
    if (!isContainer(member)) return member
    const draft = wrap(member, scope)
    changes.set(key, draft)
    return draft
  }
  const proxy = new Proxy({}, {
    get (target, key, receiver) {
      alive(scope)
      return has(key) ? read(key as string) : Reflect.get(target, key, receiver)
    },
    set (_target, key, value) {
      alive(scope)
      if (typeof key === 'string') changes.set(key, value)
      return typeof key === 'string'
    },
    deleteProperty (_target, key) {
      alive(scope)
      if (has(key)) changes.set(key as string, removed)
      return true
    },
    has: (target, key) => has(key) || Reflect.has(target, key),
    ownKeys () {
      const added = [...changes.keys()].filter((key) => !Object.hasOwn(base, key) && has(key))
      return [...Object.keys(base).filter(has), ...added]
    },
    getOwnPropertyDescriptor (_target, key) {
      return has(key) ? { value: read(key as string), writable: true, enumerable: true, configurable: true } : undefined
    },
    defineProperty (_target, key, descriptor) {
      alive(scope)
      if (typeof key === 'string' && 'value' in descriptor) changes.set(key, descriptor.value)
      return typeof key === 'string' && 'value' in descriptor
    }
  })
  nodes.set(proxy, { kind: 'object', base, changes })
  return proxy
}

function alive (scope: Scope): void {
  if (!scope.open) throw new TypeError('a draft of update() was used after its recipe returned')
}
