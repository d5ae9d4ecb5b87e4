#!/usr/bin/env bash
# Library: rfc6902 5.4.0 (npm)
#
# Guess: /machines/prototype/speed is the member `speed` of the member `prototype`, an ordinary name that JSON.parse makes an own
# property. A library that guards against prototype pollution would refuse the path or handle it as data.
#
# Behaviour: on the way down the names `prototype` and `constructor` are left out of the path, so that `add` writes to
# /machines/speed and reports success. What createPatch says about such a member is right, and applying it changes the parent.
#
# Why it matters: plants have a machine called "prototype" sooner or later. Its readings land among the machines, as a machine of
# their own, and the screen of the real one stands still; nothing reports an error.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent rfc6902@5.4.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { applyPatch, createPatch } from 'rfc6902'

const before = () => ({ machines: { press: { rate: 1 }, prototype: { rate: 1 } } })
const after = () => ({ machines: { press: { rate: 1 }, prototype: { rate: 1, speed: 3 } } })
const patch = createPatch(before(), after())
const state = before()
const results = applyPatch(state, patch)

console.log('Guess:     the speed of the machine "prototype" is set')
console.log('Behaviour: the name is left out of the path, and its parent gets the member')
console.log('Seen:      patch', JSON.stringify(patch))
console.log('           state', JSON.stringify(state), 'results', JSON.stringify(results))
assert.deepEqual(patch, [{ op: 'add', path: '/machines/prototype/speed', value: 3 }])
assert.deepEqual(results, [null])
assert.deepEqual(state, { machines: { press: { rate: 1 }, prototype: { rate: 1 }, speed: 3 } })

const plain = { machines: { press: { rate: 1 } } }
applyPatch(plain, [{ op: 'add', path: '/machines/press/speed', value: 3 }])
assert.deepEqual(plain, { machines: { press: { rate: 1, speed: 3 } } })
JS
node check.mjs
