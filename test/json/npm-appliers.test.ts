/** Whoever writes a panel applies our patches with a library of their choice: all of them must end at the state. */
import t from 'tap'
import { diff } from '../../lib/json/diff.ts'
import type { JsonValue, PatchOperation } from '../../types/json.ts'
import fc from '../helpers/fast-check.ts'
import { equalJson } from '../helpers/edits.ts'
import { npmAppliers } from '../helpers/json/npm-appliers.ts'

const names = fc.constantFrom(
  'a', 'b', '-', '', 'constructor', 'toString', 'hasOwnProperty', 'a/b', 'm~n', '~1', '0', '1', '01', 'length'
)
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<JsonValue>(null, true, false, 0, 1, '', 'x'),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(names, tie('value'), { maxKeys: 6, noNullPrototype: true })
  )
}))

const patchOf = (before: JsonValue, after: JsonValue): PatchOperation[] => {
  const patch: PatchOperation[] = []
  diff(before, after, '', patch)
  return patch
}

t.test('every applier of npm ends at the state', async (t) => {
  const tried = new Map(npmAppliers.map(({ name }) => [name, 0]))
  fc.assert(fc.property(value, value, (before, after) => {
    const patch = patchOf(before, after)
    const text = JSON.stringify([before, after])
    for (const { name, apply, wrongWith = [] } of npmAppliers) {
      if (wrongWith.some((member) => text.includes(`"${member}":`))) continue
      tried.set(name, tried.get(name)! + 1)
      const result = apply(before, patch)
      if (!equalJson(result, after)) throw new Error(`${name} makes ${JSON.stringify(result)} of it by ${JSON.stringify(patch)}`)
    }
  }), { numRuns: 2000 })
  for (const [name, times] of tried) t.ok(times > 500, `${name}: ${times} patches`)
})

t.test('what appliers get wrong is not sent: no test, no copy, no replace of a member called -', async (t) => {
  const seen = new Set<string>()
  fc.assert(fc.property(value, value, (before, after) => {
    for (const { op, path } of patchOf(before, after)) {
      seen.add(op)
      if (op === 'replace' && path.endsWith('/-')) throw new Error(`a replace of ${path}`)
    }
  }), { numRuns: 2000 })
  patchOf([{ a: 1 }, { a: 2 }, { a: 3 }], [{ a: 3 }, { a: 1 }, { a: 2 }]).forEach(({ op }) => seen.add(op))
  t.same([...seen].sort(), ['add', 'move', 'remove', 'replace'])
})
