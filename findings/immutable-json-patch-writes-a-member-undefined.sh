#!/usr/bin/env bash
# Library: immutable-json-patch 6.0.3 (npm)
#
# Guess: in an object, "-" is a member like any other; in an array it is the end.
#
# Behaviour: the last part of a path is taken for the end of an array whatever it points into, and an object has no length: `add`
# writes a member called "undefined", `replace` and `remove` do nothing, and none of them reports it. Reading by `copy` is right.
#
# Why it matters: "-" is a common key for "not assigned", and this library is made for panels that edit JSON. The
# panel shows a group "undefined" beside one whose values never change again.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent immutable-json-patch@6.0.3

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { immutableJSONPatch } from 'immutable-json-patch'

const apply = (operation) => immutableJSONPatch({ lines: { '-': 1 } }, [operation])
const expected = {
  add: { lines: { '-': 1, undefined: 2 } },
  replace: { lines: { '-': 1 } },
  remove: { lines: { '-': 1 } }
}

console.log('Guess:     the member "-" is added over, replaced, removed')
console.log('Behaviour: it is left alone; add makes a member "undefined"')
for (const [op, document] of Object.entries(expected)) {
  const result = apply({ op, path: '/lines/-', value: 2 })
  console.log('Seen:     ', op, JSON.stringify(result))
  assert.deepEqual(result, document)
}
assert.deepEqual(apply({ op: 'copy', from: '/lines/-', path: '/lines/a' }), { lines: { '-': 1, a: 1 } })
assert.deepEqual(immutableJSONPatch([1], [{ op: 'add', path: '/-', value: 2 }]), [1, 2])
JS
node check.mjs
