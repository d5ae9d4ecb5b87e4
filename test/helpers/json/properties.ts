/** What must hold for the patch between any two values. */
import assert from 'node:assert'
import fc from '../fast-check.ts'
import type { Test } from 'tap'
import { diffToPatch } from './diff-to-patch.ts'
import { appliers } from './appliers.ts'
import type { JsonValue } from '../../../types/json.ts'

/** Runs a property that often, and reports the smallest counterexample with the seed to repeat it. */
export function check<T> (t: Test, runs: number, property: fc.IProperty<T>): void {
  const result = fc.check(property, { numRuns: runs })
  t.notOk(result.failed, fc.defaultReportMessage(result) ?? `holds in ${runs} cases`)
}

/** Throws unless the patch is well made, ends at `after` in every applier, and the inputs are as they were. */
export function assertPatches (before: JsonValue, after: JsonValue): void {
  const texts = [JSON.stringify(before), JSON.stringify(after)]
  const patch = diffToPatch(before, after)
  assert.deepStrictEqual([JSON.stringify(before), JSON.stringify(after)], texts, 'inputs changed')
  for (const operation of patch) {
    assert.ok(['add', 'remove', 'replace', 'move'].includes(operation.op), `operation ${operation.op}`)
    if (operation.op === 'move') assert.strictEqual(parent(operation.from), parent(operation.path), 'move between containers')
    if (operation.path === '') assert.ok(operation.op === 'replace' && patch.length === 1, 'only one replace at the root')
  }
  const wire = JSON.parse(JSON.stringify(patch))
  const expected = JSON.parse(texts[1]!)
  for (const { name, apply } of appliers) assert.deepStrictEqual(apply(JSON.parse(texts[0]!), wire), expected, name)
}

function parent (pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'))
}
