#!/usr/bin/env bash
# Library: microdiff 1.6.0, just-diff 6.0.2, jsondiffpatch 0.7.7, json8-patch 1.0.6 (npm)
#
# Guess: a differ compares own members, so that a member called "constructor" is found when it comes and when it goes. JSON.parse
# makes it an own property like any other.
#
# Behaviour: these four ask whether the other object "has" the name in a way that finds what every object inherits. microdiff and
# jsondiffpatch see no change when it is added, just-diff calls it a replacement; when it is removed just-diff and json8-patch see
# no change, and jsondiffpatch throws because it finds a function there.
#
# Why it matters: columns, tags and roles do have such names (a constructor builds houses, and races). The member never
# reaches the screens or never leaves them, and the diff is empty, so nothing looks wrong.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent microdiff@1.6.0 just-diff@6.0.2 jsondiffpatch@0.7.7 json8-patch@1.0.6 fast-json-patch@3.1.1 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import microdiff from 'microdiff'
import { diff as justDiff } from 'just-diff'
import { diff as jsondiffpatch } from 'jsondiffpatch'
import json8 from 'json8-patch'
import fast from 'fast-json-patch'

const without = () => ({ driver: 'A' })
const having = () => ({ driver: 'A', constructor: 'B' })
const attempt = (diff, from, to) => {
  try {
    return diff(from, to) ?? []
  } catch (error) {
    return error.message
  }
}

console.log('Guess:     every differ sees the member come and go')
console.log('Behaviour: what all objects inherit is mistaken for the member')
const seen = Object.fromEntries(Object.entries({ microdiff, justDiff, jsondiffpatch, json8: json8.diff, fast: fast.compare }).map(([name, diff]) => {
  const result = { comes: attempt(diff, without(), having()), goes: attempt(diff, having(), without()) }
  console.log('Seen:     ', name.padEnd(13), JSON.stringify(result))
  return [name, result]
}))
assert.deepEqual(seen.microdiff.comes, [])
assert.deepEqual(seen.jsondiffpatch.comes, [])
assert.equal(seen.justDiff.comes[0].op, 'replace')
assert.deepEqual(seen.justDiff.goes, [])
assert.deepEqual(seen.json8.goes, [])
assert.equal(typeof seen.jsondiffpatch.goes, 'string')
assert.deepEqual(seen.fast, {
  comes: [{ op: 'add', path: '/constructor', value: 'B' }],
  goes: [{ op: 'remove', path: '/constructor' }]
})
JS
node check.mjs
