/** Contracts of JSON values, paths and patches. */

/** A JSON value as RFC 8259 defines it. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject
export type JsonArray = JsonValue[]
export interface JsonObject { [member: string]: JsonValue }

/** `T` with every level read-only: the type of what a store hands out. */
export type DeepReadonly<T> =
  T extends (...args: never[]) => unknown ? T
    : T extends readonly (infer E)[] ? ReadonlyArray<DeepReadonly<E>>
      : T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
        : T

/** One step of a path: a member name, or an index of an array (-1 is the last element). */
export type PathKey = string | number

/** A JSON Pointer (RFC 6901: `''` is the root, `'/a/0'`) or a flat array of keys and indexes (`[]`, `['a', 0]`). */
export type Path = string | readonly PathKey[]

/** One operation of a JSON Patch (RFC 6902, section 4). */
export type PatchOperation =
  | { op: 'add', path: string, value: JsonValue }
  | { op: 'remove', path: string }
  | { op: 'replace', path: string, value: JsonValue }
  | { op: 'move', from: string, path: string }
  | { op: 'copy', from: string, path: string }
  | { op: 'test', path: string, value: JsonValue }

/** A JSON Patch document: operations applied in order, all or nothing. */
export type Patch = PatchOperation[]
