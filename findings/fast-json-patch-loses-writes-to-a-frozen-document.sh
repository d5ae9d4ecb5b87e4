#!/usr/bin/env bash
# Library: fast-json-patch 3.1.1 (npm), as Node loads it
#
# Guess: applyPatch on a frozen document throws a TypeError, as any write to a frozen object does in a module.
#
# Behaviour: Node gets the CommonJS build, which is not in strict mode, by `import` as well. The write is dropped, nothing is
# thrown, and what applyPatch returns as newDocument still has the old value.
#
# Why it matters: a state is frozen precisely to find who writes to it; immer freezes what it makes. Here the screen stops following
# the server, and only while the state is frozen.
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

const patch = [{ op: 'replace', path: '/temperature', value: 21 }]
const state = Object.freeze({ temperature: 20 })

console.log('Guess:     a TypeError, for the document is frozen')
console.log('Behaviour: no error, and the old value in the new document')
assert.throws(() => { state.temperature = 21 }, TypeError)
const { newDocument } = fast.applyPatch(state, patch)
console.log('Seen:     ', JSON.stringify(newDocument))
assert.deepEqual(newDocument, { temperature: 20 })
assert.deepEqual(fast.applyPatch({ temperature: 20 }, patch).newDocument, { temperature: 21 })
JS
node check.mjs
