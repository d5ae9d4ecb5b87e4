#!/usr/bin/env bash
# Library: fast-json-stringify 7.3.10 (npm; what Fastify answers with where a route has a response schema)
#
# Guess: null where the schema says number is written as null, or refused as NaN is.
#
# Behaviour: null becomes the empty value of the type: 0, "", false or {}. For NaN it throws.
#
# Why it matters: null is how a state says "no reading". Over the WebSocket the screen gets null and shows a dash; over the route that
# serves the same state it gets 0 degrees, and charts and alarms take it for one. `nullable: true` or type [number, null] keeps it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent fast-json-stringify@7.3.10 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import build from 'fast-json-stringify'

const write = (schema, value) => build({ type: 'object', properties: { v: schema } })({ v: value })

console.log('Guess:     null stays null, or is an error')
console.log('Behaviour: it becomes the empty value of the type')
for (const [type, expected] of Object.entries({ number: '0', integer: '0', string: '""', boolean: 'false', object: '{}' })) {
  const seen = write({ type }, null)
  console.log('Seen:     ', type.padEnd(7), seen)
  assert.equal(seen, `{"v":${expected}}`)
}
assert.throws(() => write({ type: 'number' }, NaN), /cannot be converted/)
assert.equal(write({ type: 'number', nullable: true }, null), '{"v":null}')
assert.equal(write({ type: ['number', 'null'] }, null), '{"v":null}')
JS
node check.mjs
