/** The differ as the tests of it call it: two values in, a patch of its own out. */
import { diff } from '../../../lib/json/diff.ts'
import type { JsonValue, Patch } from '../../../types/json.ts'

export function diffToPatch (before: JsonValue, after: JsonValue): Patch {
  const patch: Patch = []
  diff(before, after, '', patch)
  return patch
}
