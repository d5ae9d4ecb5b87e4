/** The JSON Patch appliers of npm, as authors of panels use them. None of them is ours. */
import { createRequire } from 'node:module'
import { patch as stock } from '@hat-open/util/patch.js'
import fastJsonPatch from 'fast-json-patch'
import type { JsonValue, Patch } from '../../../types/json.ts'
import type { Applier } from './appliers.ts'

const require = createRequire(import.meta.url)

type InPlace = (document: JsonValue, patch: Patch) => unknown

/** For those that change what they are given, and so cannot exchange it: the value stands one level down. */
const below = (apply: InPlace) => (value: JsonValue, patch: Patch): JsonValue => {
  const document = { r: structuredClone(value) }
  const moved = patch.map((operation) => ({
    ...operation,
    path: `/r${operation.path}`,
    ...('from' in operation ? { from: `/r${operation.from}` } : {})
  })) as Patch
  apply(document, structuredClone(moved))
  return document.r
}

const { applyPatch: rfc6902 } = require('rfc6902') as { applyPatch: (document: JsonValue, patch: Patch) => Array<Error | null> }
const { apply: jsonPatch } = require('json-patch') as { apply: InPlace }
const { patch: jiff } = require('jiff') as { patch: (patch: Patch, value: JsonValue) => JsonValue }
const { apply: json8 } = require('json8-patch') as { apply: (value: JsonValue, patch: Patch) => { doc: JsonValue } }
const { applyPatch: jsonJoy } = require('json-joy/lib/json-patch') as {
  applyPatch: (value: JsonValue, patch: Patch, options: { mutate: boolean }) => { doc: JsonValue }
}
const { immutableJSONPatch } = require('immutable-json-patch') as {
  immutableJSONPatch: (value: JsonValue, patch: Patch) => JsonValue
}

export interface NpmApplier extends Applier {
  /** Names of members with which the applier itself goes wrong; beside it stands in which version that was seen. */
  readonly wrongWith?: readonly string[]
}

export const npmAppliers: readonly NpmApplier[] = [
  { name: 'fast-json-patch', apply: below((document, patch) => fastJsonPatch.applyPatch(document, patch as never, true)) },
  {
    name: 'rfc6902',
    apply: below((document, patch) => {
      // It never throws, but returns its errors.
      for (const error of rfc6902(document, patch)) if (error !== null) throw error
    }),
    // 5.4.0 skips a step called `constructor` as a guard, and so adds one level too high.
    wrongWith: ['constructor']
  },
  { name: 'json-patch', apply: below(jsonPatch) },
  { name: 'jiff', apply: (value, patch) => jiff(structuredClone(patch), structuredClone(value)) },
  {
    name: 'json8-patch',
    apply: (value, patch) => json8(structuredClone(value), structuredClone(patch)).doc,
    // 1.0.6 refuses every path with `constructor` in it.
    wrongWith: ['constructor']
  },
  { name: 'json-joy', apply: (value, patch) => jsonJoy(structuredClone(value), structuredClone(patch), { mutate: false }).doc },
  {
    name: '@hat-open/util',
    apply: (value, patch) => (stock as unknown as (patch: unknown, value: unknown) => JsonValue)(structuredClone(patch), value)
  },
  {
    name: 'immutable-json-patch',
    apply: (value, patch) => immutableJSONPatch(structuredClone(value), structuredClone(patch)),
    // 6.0.3 takes a last `-` for the end of an array wherever it stands, and so adds a member called `undefined`; and it
    // takes an object with a member called `constructor` for an instance of that.
    wrongWith: ['-', 'constructor']
  }
]
