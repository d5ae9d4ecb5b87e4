/** What a JSON Schema says of its values, as a TypeScript type. What is not understood is any JSON. */
import type { DeepReadonly, JsonObject, JsonValue } from './json.ts'

/** Holds the type of what a schema describes, where that is told and not read from the schema. It exists in types only. */
declare const told: unique symbol

/** A schema, or nothing but a type: what `typed<T>()` makes. */
export interface Typed<T> { readonly [told]: T }

/**
 * The type of the values that a schema describes: what `typed` was told; what a TypeBox schema or the JSON Schema of a
 * Standard Schema library (zod) says itself; or else what the keywords of a JSON Schema literal tell: `const`, `enum`,
 * `type`, `nullable`, `properties`, `required`, `additionalProperties`, `patternProperties`, `items`, `prefixItems`,
 * `anyOf`, `oneOf`, `allOf`. What is not understood, `$ref` among it, is a `JsonValue`.
 */
export type Infer<S> =
  S extends Typed<infer T> ? T
    : S extends false ? never
      : S extends { '~unsafe': infer T } ? T
        : S extends { params: unknown, static: infer T } ? T
          : S extends { '~standard': { types?: { output: infer T } | undefined } } ? Known<T>
            : S extends { nullable: true } ? FromKeywords<S> | null
              : FromKeywords<S>

/** Of a schema whose library does not know the type either. */
type Known<T> = unknown extends T ? JsonValue : T

type FromKeywords<S> =
  S extends { const: infer C } ? Mutable<C>
    : S extends { enum: readonly (infer E)[] } ? Mutable<E>
      : S extends { not: Record<string, never>, '~kind': 'Never' } ? never
        : And<And<FromType<S>, FromUnion<S>>, S extends { allOf: infer All } ? FromAll<All> : JsonValue>

/** Values are the reader's: what `const` type parameters made read-only in a schema is not so in the data. */
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

/** Both hold. Any JSON says nothing, and must not blur what the other says. */
type And<A, B> = JsonValue extends A ? B : JsonValue extends B ? A : Flat<A & B>

/** One object type in place of an intersection, so that an editor shows its members. */
type Flat<T> = T extends object ? { [K in keyof T]: T[K] } : T

type FromUnion<S> = S extends { anyOf: infer Any } ? FromAny<Any> : S extends { oneOf: infer One } ? FromAny<One> : JsonValue
type FromAny<L> = L extends readonly unknown[] ? { [I in keyof L]: Infer<L[I]> }[number] : JsonValue
type FromAll<L> = L extends readonly [infer First, ...infer Rest] ? And<Infer<First>, FromAll<Rest>> : JsonValue

type FromType<S> = S extends { type: infer T } ? T extends readonly (infer One)[] ? OfType<S, One> : OfType<S, T> : JsonValue

/** For one `type`; distributes over several. */
type OfType<S, T> =
  T extends 'string' ? string
    : T extends 'number' | 'integer' ? number
      : T extends 'boolean' ? boolean
        : T extends 'null' ? null
          : T extends 'object' ? FromObject<S>
            : T extends 'array' ? FromArray<S>
              : JsonValue

type FromObject<S> = S extends { properties: infer P }
  ? Flat<FromProperties<P, RequiredOf<S, P>> & Additional<S, P>>
  : S extends { patternProperties: infer P } ? { [member: string]: Infer<P[keyof P]> }
    : S extends { additionalProperties: infer A } ? Rest<A, JsonObject> : JsonObject

type FromProperties<P, R> =
  { -readonly [K in keyof P as K extends R ? K : never]: Infer<P[K]> } &
  { -readonly [K in keyof P as K extends R ? never : K]?: Infer<P[K]> }

/**
 * The names that must be there. TypeBox 1 marks the members that need not: to ask those is much cheaper than to have the
 * list made, for the compiler too.
 */
type RequiredOf<S, P> = S extends { '~kind': 'Object' }
  ? { [K in keyof P]: P[K] extends { '~optional': true } ? never : K }[keyof P]
  : S extends { required: readonly (infer R)[] } ? string extends R ? never : R : never

/** Members beside those of `properties`, where the schema says what they are. */
type Additional<S, P> = S extends { additionalProperties: infer A extends object }
  ? { [member: string]: Infer<A> | Infer<P[keyof P]> | undefined }
  : unknown

type Rest<A, Otherwise> = A extends false ? { [member: string]: never } : A extends true ? Otherwise : { [member: string]: Infer<A> }

type FromArray<S> =
  S extends { prefixItems: infer P extends readonly unknown[] } ? FromTuple<S, P, S extends { items: infer I } ? I : true>
    : S extends { items: infer I }
      ? I extends readonly unknown[] ? FromTuple<S, I, S extends { additionalItems: infer A } ? A : true> : Infer<I>[]
      : JsonValue[]

/** Of a tuple only the first `minItems` elements are sure to be there. */
type FromTuple<S, P extends readonly unknown[], R> = [
  ...Elements<P, S extends { minItems: infer N extends number } ? N : 0>,
  ...(R extends false ? [] : R extends true ? JsonValue[] : Infer<R>[])
]

type Elements<P extends readonly unknown[], N extends number, Done extends unknown[] = [], Sure extends boolean = true> =
  P extends readonly [infer First, ...infer Others]
    ? Done['length'] extends N ? Elements<P, -1, Done, false>
      : Sure extends true ? Elements<Others, N, [...Done, Infer<First>], true> : Elements<Others, N, [...Done, Infer<First>?], false>
    : Done

/** What is sent is copied, so read-only data will do; and where anything goes, anything does. */
export type Sendable<T> = JsonValue extends T ? unknown : DeepReadonly<T>

/** What a handler may return for a result: read-only data as well, and nothing in place of null. */
export type Answer<R> = null extends R ? Sendable<R> | undefined | void : Sendable<R>
