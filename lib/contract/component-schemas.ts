/** Moves the schemas of a contract into one map of components, where every reference leads to a member of the map. */
import { formatPointer, parsePointer } from '../json/pointer.ts'
import type { JsonObject, JsonValue } from '../../types/json.ts'
import { isObject, isSchema, mapChildren, refusedMember, withoutCrashes } from './schema-walk.ts'
import { uniqueKey } from './unique-key.ts'

/** A schema as the contract has it. */
export interface RootSchema {
  /** Key that its component gets. */
  readonly key: string
  /** How errors call it. */
  readonly place: string
  readonly schema: unknown
}

/** A schema, or one inside another. */
interface Node {
  readonly value: JsonValue
  readonly root: Root
  /** From the root's schema to this one. */
  readonly keys: readonly string[]
  /** The nearest schema around it, or itself, that has an `$id`; else the root: what `#` means here. */
  readonly resource: Node
  /** What references here are relative to. */
  readonly base: string
  /** Where its own reference leads. */
  target?: Node
}

interface Root extends RootSchema {
  /** By pointer from the root. */
  readonly nodes: Map<string, Node>
  /** By absolute `$id`. */
  readonly ids: Map<string, Node[]>
}

/** Any URL that no `$id` has. */
const noBase = 'contract://schemas/'

/**
 * Definitions, and what else is referred to, become components of their own; references are rewritten to these. Definitions
 * of one name that say the same, as those that generators repeat in every schema, become one.
 *
 * What goes: `$id`, `$anchor` and `$schema`, which would change what the references mean. What stands beside a
 * reference is kept, as Ajv heeds it and AsyncAPI does not: the reference becomes one of `allOf`.
 *
 * @param taken - keys that are no longer free
 * @throws Error with the place: a reference that leads nowhere, to several different schemas or only to itself; what JSON
 * or AsyncAPI cannot carry
 */
export function componentSchemas (schemas: readonly RootSchema[], taken: ReadonlySet<string>): JsonObject {
  const roots = schemas.map((root): Root => ({ ...root, nodes: new Map(), ids: new Map() }))
  for (const root of roots) collect(root)
  const nodes = roots.flatMap((root) => [...root.nodes.values()])
  for (const node of nodes) {
    if (isObject(node.value) && node.value.$ref !== undefined) node.target = targetOf(node, node.value.$ref, roots)
  }
  for (const node of nodes) refuseCircle(node)

  const [keys, owners] = nameAll(nodes, new Set([...taken, ...schemas.map(({ key }) => key)]))
  const reference = (node: Node): JsonObject => ({ $ref: `#/components/schemas/${keys.get(node)}` })
  const write = (node: Node): JsonValue => {
    const { value, target } = node
    if (!isObject(value)) return value
    const { $ref, $id, $anchor, $schema, $defs, definitions, ...rest } = value
    // Ajv's keyword of this name holds an object, that of AsyncAPI a text: the schemas say the same without it.
    if (isObject(rest.discriminator)) delete rest.discriminator
    const copy = withoutCrashes(mapChildren(rest, node.keys, (_child, at) => {
      const child = node.root.nodes.get(formatPointer(at))!
      return keys.has(child) ? reference(child) : write(child)
    }))
    if (target === undefined) return copy
    if (Object.keys(copy).length === 0) return reference(target)
    return { ...copy, allOf: [...Array.isArray(copy.allOf) ? copy.allOf : [], reference(target)] }
  }
  return Object.fromEntries(owners.map((node) => {
    const written = write(node)
    // A component that is a boolean is refused, unlike one within a schema.
    return [keys.get(node)!, written === true ? {} : written === false ? { not: {} } : written]
  }))
}

/** Finds all schemas within one. */
function collect (root: Root): void {
  const { place, nodes, ids } = root
  const visit = (value: JsonValue, keys: readonly string[], above?: Node): void => {
    const id = isObject(value) && typeof value.$id === 'string' ? value.$id.replace(/#$/, '') : ''
    // In draft-07 an id that is a fragment alone is an anchor.
    const ownsIt = id !== '' && !id.startsWith('#')
    const base = ownsIt ? absolute(id.split('#')[0]!, above?.base ?? noBase) : above?.base ?? noBase
    const node: Node = {
      value,
      root,
      keys,
      base,
      get resource () { return ownsIt || above === undefined ? node : above.resource }
    }
    const pointer = formatPointer(keys)
    nodes.set(pointer, node)
    const named = ownsIt ? [base] : id !== '' ? [base + id] : []
    if (isObject(value) && typeof value.$anchor === 'string') named.push(`${base}#${value.$anchor}`)
    for (const name of named) ids.set(name, [...ids.get(name) ?? [], node])
    if (!isObject(value)) return
    const refused = refusedMember(value)
    if (refused !== undefined) throw new Error(`${place}${at([...keys, refused])} cannot be carried by AsyncAPI`)
    mapChildren(value, keys, (child, keys) => {
      visit(child, keys, node)
      return child
    })
  }
  const copy = jsonCopy(root)
  if (!isSchema(copy)) throw new Error(`${place} is no schema`)
  visit(copy, [])
}

function jsonCopy ({ schema, place }: RootSchema): unknown {
  try {
    return JSON.parse(JSON.stringify(schema) ?? 'null')
  } catch (error) {
    throw new Error(`${place} cannot be carried as JSON: ${(error as Error).message}`, { cause: error })
  }
}

/** The schema that a reference leads to. */
function targetOf (node: Node, ref: JsonValue, roots: readonly Root[]): Node {
  const fail = (why: string): never => {
    throw new Error(`${node.root.place}${at(node.keys)} refers to ${JSON.stringify(ref)}, ${why}`)
  }
  if (typeof ref !== 'string') return fail('which is no reference')
  const [uri, ...rest] = ref.split('#')
  let fragment = ''
  try {
    fragment = decodeURIComponent(rest.join('#'))
  } catch {
    fail('whose fragment is badly encoded')
  }
  const keys = parsePointer(fragment)
  const base = uri === '' ? node.base : absolute(uri!, node.base)
  const inside = ({ root, keys: above }: Node) => root.nodes.get(formatPointer([...above, ...keys!]))
  const named = (root: Root) => keys === undefined ? root.ids.get(`${base}#${fragment}`) : root.ids.get(base)?.flatMap((found) => inside(found) ?? [])

  const own = uri === '' && keys !== undefined ? [inside(node.resource)].filter((found) => found !== undefined) : named(node.root)
  // '#' stays within its schema.
  const found = own?.length || uri === '' ? own : roots.flatMap((root) => named(root) ?? [])
  if (!found?.length) return fail('which is not in the contract')
  if (found.some((other) => !same(found[0]!.value, other.value))) return fail('of which there are several in the contract')
  return found[0]!
}

function absolute (uri: string, base: string): string {
  for (const start of [base, noBase]) {
    // A URN is no base for a relative reference.
    if (URL.canParse(uri, start)) return new URL(uri, start).href.replace(/#$/, '')
  }
  return uri
}

/** A reference to a reference to a reference … must come to a schema in the end. */
function refuseCircle (start: Node): void {
  const passed = new Set<Node>()
  for (let node: Node | undefined = start; node !== undefined; node = node.target) {
    if (passed.has(node)) throw new Error(`${start.root.place}${at(start.keys)} refers to itself and says nothing`)
    passed.add(node)
  }
}

/** Keys of what becomes components, and which schema each of these is written from. */
function nameAll (nodes: readonly Node[], taken: Set<string>): [Map<Node, string>, Node[]] {
  const keys = new Map<Node, string>()
  const owners: Node[] = []
  const targets = new Set(nodes.map(({ target }) => target))
  const targetsOf = new Map(nodes.map(({ value, target }) => [value, target]))
  const byName = new Map<string, Node[]>()
  for (const node of nodes) {
    const isDefinition = isDefinitionAt(node)
    const isRoot = node.keys.length === 0
    if (!isRoot && !isDefinition && !targets.has(node)) continue
    const id = isObject(node.value) && typeof node.value.$id === 'string' ? node.value.$id.split('#')[0]!.split('/').at(-1)! : ''
    const name = isRoot ? node.root.key : isDefinition ? node.keys.at(-1)! : id !== '' ? id : [node.root.key, ...node.keys].join('.')
    const twins = byName.get(name) ?? []
    byName.set(name, twins)
    const twin = isRoot ? undefined : twins.find((twin) => same(twin.value, node.value, targetsOf))
    keys.set(node, twin ? keys.get(twin)! : isRoot ? name : uniqueKey(name, taken))
    if (twin) continue
    owners.push(node)
    if (!isRoot) twins.push(node)
  }
  return [keys, owners]
}

/** Whether a schema stands directly in the definitions of another. */
function isDefinitionAt ({ keys, root }: Node): boolean {
  const holder = keys.at(-2)
  return (holder === '$defs' || holder === 'definitions') && root.nodes.has(formatPointer(keys.slice(0, -2)))
}

const aside = new Set(['$id', '$schema', '$defs', 'definitions'])

/**
 * Whether two schemas say the same: with the references' targets, what they lead to counts, and the names do not.
 * What is being compared already is taken for the same, so that this ends.
 */
function same (one: JsonValue, other: JsonValue, targets?: ReadonlyMap<JsonValue, Node | undefined>): boolean {
  const assumed = new Map<JsonValue, Set<JsonValue>>()
  const equal = (one: JsonValue, other: JsonValue): boolean => {
    if (one === other) return true
    if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((item, i) => equal(item, other[i]!))
    if (!isObject(one) || !isObject(other)) return false
    if (assumed.get(one)?.has(other)) return true
    assumed.set(one, (assumed.get(one) ?? new Set()).add(other))
    const isNode = targets?.has(one) && targets.has(other)
    const [to, otherTo] = isNode ? [targets!.get(one), targets!.get(other)] : []
    if ((to === undefined) !== (otherTo === undefined) || (to && !equal(to.value, otherTo!.value))) return false
    const counted = (value: JsonObject) => Object.keys(value).filter((key) => !(isNode && (aside.has(key) || (to && key === '$ref'))))
    const names = counted(one)
    return names.length === counted(other).length && names.every((name) => Object.hasOwn(other, name) && equal(one[name]!, other[name]!))
  }
  return equal(one, other)
}

const at = (keys: readonly string[]): string => keys.length === 0 ? '' : ` at ${formatPointer(keys)}`
