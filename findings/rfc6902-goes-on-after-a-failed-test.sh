#!/usr/bin/env bash
# Library: rfc6902 5.4.0 (npm)
#
# Guess: a `test` operation guards what follows it. RFC 6902 ends a patch at the first operation that fails, and one would expect
# an exception, or at least nothing after the failure to be applied.
#
# Behaviour: applyPatch notes the failure in the list that it returns and applies all operations after it.
#
# Why it matters: `test` is how two panels keep from overwriting each other: "set the valve if it is still at 20". Here the losing
# panel writes anyway, and a lost message, which every later patch would reveal, goes on as a quietly different screen. The caller
# has to look through the results after each patch and ask for the whole state if any of them is not null.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent rfc6902@5.4.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { applyPatch } from 'rfc6902'

const state = { valve: 35, by: 'panel 1' }
const results = applyPatch(state, [
  { op: 'test', path: '/valve', value: 20 },
  { op: 'replace', path: '/valve', value: 60 },
  { op: 'replace', path: '/by', value: 'panel 2' }
])

console.log('Guess:     the test fails, so nothing after it is applied')
console.log('Behaviour: the failure is only noted in the results, the rest is applied')
console.log('Seen:     ', JSON.stringify(state), results.map((result) => result?.name ?? null))
assert.deepEqual(state, { valve: 60, by: 'panel 2' })
assert.deepEqual(results.map((result) => result?.name ?? null), ['TestError', null, null])
JS
node check.mjs
