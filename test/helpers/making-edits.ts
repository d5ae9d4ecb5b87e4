/** Edits of a state, nasty keys included: what they are, and how they are made. */
import type { JsonValue, PathKey } from '../../types/json.ts'
import type { State } from '../../types/state.ts'

export const nastyKeys = ['a', 'b', 'c', '-', '', '~', '/', 'a~1b', '0', '1', '01', 'constructor', 'toString', 'hasOwnProperty', '\u2028', 'ключ'] as const
export const scalars: readonly JsonValue[] = [null, true, false, 0, 1, -1, 1.5, '', 'x', '1', 'true', '😀']

/** An edit in the abstract: `pick` numbers choose a place that exists when the edit is made. */
export interface Edit { kind: 'set' | 'remove' | 'add' | 'insert' | 'move' | 'copy' | 'splice' | 'sort' | 'update' | 'root', picks: number[], key: string, value: JsonValue }

type Container = JsonValue[] | Record<string, JsonValue>

/** Every place of a value, the root first. */
export function places (value: JsonValue, at: PathKey[] = [], out: Array<{ path: PathKey[], value: JsonValue }> = []): Array<{ path: PathKey[], value: JsonValue }> {
  out.push({ path: at, value })
  if (Array.isArray(value)) value.forEach((child, i) => places(child, [...at, i], out))
  else if (typeof value === 'object' && value !== null) for (const key of Object.keys(value)) places(value[key]!, [...at, key], out)
  return out
}

export const pointer = (path: readonly PathKey[]): string => path.map((key) => '/' + String(key).replaceAll('~', '~0').replaceAll('/', '~1')).join('')

/** Makes an edit through the public API; an edit that does not fit the state as it is does nothing. */
export function make (state: State<JsonValue>, { kind, picks, key, value }: Edit): void {
  const now = JSON.parse(state.stringify()) as JsonValue
  const all = places(now)
  const pick = (n: number) => all[picks[n]! % all.length]!
  const place = pick(0)
  const containers = all.filter((p) => typeof p.value === 'object' && p.value !== null)
  const arrays = all.filter((p) => Array.isArray(p.value))
  const container = containers[picks[1]! % (containers.length || 1)]
  const array = arrays[picks[1]! % (arrays.length || 1)]
  if (kind === 'root') return picks[2]! % 8 === 0 ? state.set('', value) : undefined
  if (kind === 'set') return state.set(place.path, value)
  if (kind === 'remove') return picks[2]! % 4 === 0 || place.path.length > 0 ? state.remove(place.path) : undefined
  if (kind === 'add') {
    if (container !== undefined && !Array.isArray(container.value)) state.set([...container.path, key], value)
    return
  }
  if (kind === 'insert') {
    if (array !== undefined) state.patch([{ op: 'add', path: `${pointer(array.path)}/${picks[2]! % ((array.value as JsonValue[]).length + 1)}`, value }])
    return
  }
  if (kind === 'move' || kind === 'copy') {
    const from = pointer(place.path)
    const target = container === undefined ? '' : pointer(container.path) + (Array.isArray(container.value) ? '/0' : pointer([key]))
    if (kind === 'move' && (from === '' || target.startsWith(`${from}/`))) return
    // Twice the size at most: a copy of everything into itself, again and again, would grow without end.
    if (kind === 'copy' && JSON.stringify(place.value).length > 200) return
    if (container !== undefined) {
      try {
        state.patch([{ op: kind, from, path: target }])
      } catch { /* the move took away the parent of its own target */ }
    }
    return
  }
  state.update((draft) => {
    let at = draft as Container
    if (kind === 'update') {
      if (container === undefined) return
      for (const step of container.path) at = (at as Record<PathKey, JsonValue>)[step] as Container
      if (Array.isArray(at)) at.push(value)
      else if (picks[2]! % 2 === 0) at[key] = value
      else delete at[key]
      return
    }
    if (array === undefined) return
    for (const step of array.path) at = (at as Record<PathKey, JsonValue>)[step] as Container
    const list = at as JsonValue[]
    if (kind === 'sort') list.sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
    else list.splice(picks[2]! % (list.length + 1), picks[3]! % 3, value, ...list.slice(0, picks[4]! % 2))
  })
}

/** Whether two values are the same JSON, members in any order. */
export function equalJson (a: JsonValue, b: JsonValue): boolean {
  const sorted = (value: JsonValue): JsonValue => Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key]!)]))
      : value
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}
