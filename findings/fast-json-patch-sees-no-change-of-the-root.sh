#!/usr/bin/env bash
# Library: fast-json-patch 3.1.1 (npm)
#
# Guess: compare(a, b) finds every difference between two JSON values; if it cannot express one it throws.
#
# Behaviour: it compares members and never the roots themselves. Two numbers, or an array against an object with the same members,
# give an empty patch: "nothing changed". Two texts are compared letter by letter, as if letters were members, which no library can
# apply. One level deeper, the same pairs are found and right.
#
# Why it matters: a state is often not an object: a list of alarms that becomes a map, a single reading, a text. Its changes are
# never sent. Wrapping both sides, compare({ r: a }, { r: b }), and cutting "/r" off the paths is right throughout.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent fast-json-patch@3.1.1 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import fast from 'fast-json-patch'

const pairs = [[20, 21], [['pump'], { 0: 'pump' }], ['on', 'off']]

console.log('Guess:     each pair differs, so each patch replaces the root')
console.log('Behaviour: the patch is empty, or edits letters')
for (const [before, after] of pairs) {
  const bare = fast.compare(before, after)
  const wrapped = fast.compare({ r: before }, { r: after })
  console.log('Seen:     ', JSON.stringify(before), 'to', JSON.stringify(after), 'bare', JSON.stringify(bare), 'wrapped', JSON.stringify(wrapped))
  assert.deepEqual(bare, typeof before !== 'string'
    ? []
    : [{ op: 'replace', path: '/1', value: 'f' }, { op: 'add', path: '/2', value: 'f' }])
  assert.deepEqual(wrapped, [{ op: 'replace', path: '/r', value: after }])
}
JS
node check.mjs
