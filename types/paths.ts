/** What a literal path means in a state of a known type. Only the path that is given is followed: no list of all is made. */
import type { DeepReadonly, JsonValue, PathKey } from './json.ts'

/**
 * The type of a path parameter: the path itself where the state has such a place, else a text that says what is wrong.
 * Paths that are not literals are not checked, nor is what lies below a place whose type says nothing.
 */
export type PathIn<T, P> = Written<T, P> extends infer V ? [V] extends [never] ? NoPlace<P> : P : never

/** What may be written at a path. */
export type ValueAt<T, P> = Written<T, P> extends infer V ? Anything<V> extends true ? unknown : DeepReadonly<Exclude<V, undefined>> : never

/** What is read at a path: what is missing reads as null. */
export type ReadAt<T, P> = Follow<T, KeysOf<P>, null> extends infer V
  ? unknown extends V ? DeepReadonly<JsonValue> : DeepReadonly<undefined extends V ? Exclude<V, undefined> | null : V>
  : never

type Written<T, P> = Follow<T, KeysOf<P>, never>

type NoPlace<P> = P extends string ? `The state has no place '${P}'` : 'The state has no such place'

/** A step of a path. In pointers a text may be an index as well; in arrays of keys a number is an index, and a text is none. */
type Token<K extends string> = { token: K }
type Step = Token<string> | PathKey

/** The steps of a path; `null` where they are not known, or too many to follow; never for a text that is no pointer. */
type KeysOf<P> = P extends string
  ? string extends P ? null : P extends '' ? [] : P extends `/${infer Keys}` ? Split<Keys> : Many<P> extends true ? null : never
  : P extends readonly PathKey[] ? number extends P['length'] ? null : P['length'] extends Depth ? P : null
    : null

/** Paths of more steps than these are not checked, so that no path is dear. */
type Depth = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16

type Split<Keys extends string, Done extends Step[] = []> =
  Done['length'] extends Depth
    ? Keys extends `${infer Key}/${infer Others}` ? Split<Others, [...Done, Token<Unescape<Key>>]> : [...Done, Token<Unescape<Keys>>]
    : null

type Unescape<K extends string> = K extends `${string}~${string}` ? Replace<Replace<K, '~1', '/'>, '~0', '~'> : K
type Replace<K extends string, From extends string, To extends string, Done extends string = ''> =
  K extends `${infer Before}${From}${infer After}` ? Replace<After, From, To, `${Done}${Before}${To}`> : `${Done}${K}`

/** Whether a type says nothing of what is in it: any JSON; or null or nothing alone, which is how initial values begin. */
type Anything<T> = unknown extends T ? true : JsonValue extends T ? true : [T] extends [null | undefined] ? true : false

/** The type at the end of the steps; never: there is no such place. `Missing` is what stands for places that need not be there. */
type Follow<T, Keys, Missing> =
  Keys extends null ? unknown
    : [Keys] extends [never] ? Anything<T> extends true ? unknown : never
        : Keys extends readonly [infer Key, ...infer Others]
          ? [T] extends [never] ? never
              : Anything<T> extends true ? unknown
                : Follow<Into<T, Key, Missing>, Others, Missing>
          : T

type Primitive = string | number | boolean | bigint | symbol | null | undefined

/** One step; distributes over unions, of which one member that has the place is enough. */
type Into<T, Key, Missing> =
  T extends Primitive ? Missing
    : T extends readonly unknown[] ? Key extends Token<infer K> ? Element<T, K, Missing> : Key extends number ? Element<T, `${Key}`, Missing> : Missing
      : Key extends Token<infer K> ? Member<T, K, Missing> : Key extends string ? Member<T, Key, Missing> : Missing

/** What never comes, as in the type of `[]`, says nothing. */
type Some<T> = [T] extends [never] ? unknown : T

/** Whether a key may be one of many, as in `/pumps/${id}`. */
type Many<K extends string> = {} extends Record<K, 1> ? true : false

type Element<T extends readonly unknown[], K extends string, Missing> =
  Many<K> extends true ? Some<T[number]> | Missing
    : K extends '-' | '-1' ? Some<T[number]> | Missing
      : K extends `-${string}` ? Missing
        : K extends `${bigint}` ? number extends T['length'] ? Some<T[number]> | Missing : K extends keyof T ? T[K] : Missing
          : Missing

type Member<T, K extends string, Missing> =
  [keyof T] extends [never] ? unknown
    : K extends keyof T ? string extends keyof T ? T[K] | Missing : T[K]
      : K extends `${infer N extends number}` ? N extends keyof T ? number extends keyof T ? T[N] | Missing : T[N] : Unsure<T, K, Missing>
        : Unsure<T, K, Missing>

/** A name that is not among the known ones. Where these are numbers all, they are a table's, of which more rows may come. */
type Unsure<T, K extends string, Missing> =
  Many<K> extends true ? T[keyof T] | Missing
    : [keyof T] extends [number] ? K extends `${number}` ? T[keyof T] | Missing : Missing : Missing
