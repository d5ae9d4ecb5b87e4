/** Random JSON trees with nasty keys, and random edits of them. */
import fc from '../fast-check.ts'
import type { JsonArray, JsonObject, JsonValue } from '../../../types/json.ts'

/** Keys that naive differs and appliers trip over; `__proto__` never occurs in a state. */
export const nastyKeys = ['', '-', '0', '1', '01', '~', '/', '~1', 'a/b', 'a~1b', 'constructor', 'toString', 'hasOwnProperty', 'length', 'ä', '\u2028', 'a', 'b']

export const key: fc.Arbitrary<string> = fc.constantFrom(...nastyKeys)

/** Few different values, so that equal ones meet, and those that conversions would confuse. */
export const primitive: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue>(0, 1, 2, -1, 1.5, 1e21, '', '0', '1', 'true', 'null', 'text', true, false, null)

export const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    { weight: 2, arbitrary: primitive },
    { weight: 2, arbitrary: fc.array(tie('tree'), { maxLength: 8, size: 'max' }) },
    { weight: 2, arbitrary: fc.dictionary(key, tie('tree'), { maxKeys: 5, size: 'max', noNullPrototype: true }) }
  )
}))

/** One change somewhere in a tree; numbers are taken modulo what is there. */
export interface Edit {
  /** The way down from the root, one step for each level, as far as it goes. */
  way: number[]
  kind: 'put' | 'insert' | 'remove' | 'move' | 'sort' | 'reverse' | 'duplicate' | 'slide' | 'nudge'
  key: string
  value: JsonValue
  i: number
  j: number
}

export const edit: fc.Arbitrary<Edit> = fc.record<Edit>({
  way: fc.array(fc.nat(7), { maxLength: 4 }),
  kind: fc.constantFrom('put', 'put', 'insert', 'insert', 'remove', 'remove', 'move', 'move', 'sort', 'reverse', 'duplicate', 'slide', 'slide', 'nudge', 'nudge'),
  key,
  value: tree,
  i: fc.nat(63),
  j: fc.nat(63)
})

/** The edited tree; what an edit does not touch is shared with the old one, which stays as it is. */
export function applyEdit (value: JsonValue, edit: Edit, level = 0): JsonValue {
  if (typeof value !== 'object' || value === null) return edit.value
  const step = edit.way[level]
  if (Array.isArray(value)) {
    if (step === undefined || value.length === 0) return editArray(value.slice(), edit)
    return value.with(step % value.length, applyEdit(value[step % value.length]!, edit, level + 1))
  }
  const keys = Object.keys(value)
  if (step === undefined || keys.length === 0) return editObject({ ...value }, edit)
  const member = keys[step % keys.length]!
  return { ...value, [member]: applyEdit(value[member]!, edit, level + 1) }
}

function editObject (object: JsonObject, { kind, key, value, i }: Edit): JsonObject {
  const keys = Object.keys(object)
  const some = keys[i % Math.max(1, keys.length)]
  if (kind === 'remove' && some !== undefined) delete object[some]
  else if (kind === 'move' && some !== undefined) {
    object[key] = object[some]!
    if (key !== some) delete object[some]
  } else if (kind === 'reverse') return Object.fromEntries(Object.entries(object).reverse())
  else object[key] = value
  return object
}

function editArray (array: JsonArray, { kind, value, i, j }: Edit): JsonArray {
  const { length } = array
  const at = i % Math.max(1, length)
  switch (kind) {
    case 'insert': array.splice(i % (length + 1), 0, value); break
    case 'remove': array.splice(at, 1 + j % 3); break
    case 'move': array.splice(j % Math.max(1, length), 0, ...array.splice(at, 1)); break
    case 'sort': array.sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1); break
    case 'reverse': array.reverse(); break
    case 'duplicate': array.splice(j % (length + 1), 0, ...array.slice(at, at + 2)); break
    case 'slide': array.splice(0, 1 + j % 3); array.push(value, ...Array.from({ length: j % 3 }, (_, k) => k)); break
    default: if (length > 0) array[at] = value
  }
  return array
}
