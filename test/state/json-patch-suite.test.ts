/** The cases of the JSON Patch test suite, applied by the store that clients use. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { createReplica } from '../../lib/state/replica/replica.ts'
import type { JsonValue } from '../../types/json.ts'

interface Case { comment?: string, doc: JsonValue, patch: unknown[], expected?: JsonValue, error?: string }

const require = createRequire(import.meta.url)

/** Cases that are not met, by comment, each with the reason. */
const exceptions: Record<string, string> = {
  'duplicate ops': 'JSON.parse keeps the last of two members of one name, so that the fault is gone before a patch is seen'
}

for (const file of ['tests.json', 'spec_tests.json']) {
  const cases = JSON.parse(readFileSync(require.resolve(`json-patch-test-suite/${file}`), 'utf8')) as Case[]
  t.test(file, async (t) => {
    let run = 0
    // Cases marked as disabled in the suite are run as well.
    for (const { comment, doc, patch, expected, error } of cases) {
      const title = comment ?? JSON.stringify(patch)
      if (patch === undefined || exceptions[title] !== undefined) continue
      run++
      const before = JSON.stringify(doc)
      const { state, follow } = createReplica<JsonValue>((error) => { throw error })
      follow([{ op: 'replace', path: '', value: JSON.parse(before) as JsonValue }])
      if (error !== undefined) {
        t.throws(() => follow(patch), { code: 'JUGGLER_PATCH_INVALID' }, title)
        t.equal(state.stringify(), before, 'and nothing is changed')
      } else {
        follow(JSON.parse(JSON.stringify(patch)) as unknown[])
        t.strictSame(state.data, expected ?? doc, title)
      }
    }
    t.ok(run > 15, `${run} cases`)
  })
}
