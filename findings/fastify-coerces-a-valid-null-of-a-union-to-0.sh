#!/usr/bin/env bash
# Library: fastify 5.12.8 with its default Ajv 8, and typebox 1.4.3 (npm)
#
# Guess: Type.Union([Type.Number(), Type.Null()]) takes a number and null, and gives each to the handler as it came. Coercion is for
# values that fit nowhere.
#
# Behaviour: Fastify switches on coerceTypes, and in a union each member is tried in turn, with coercion. The first that can be made to
# fit wins and the body is rewritten: null becomes 0; with the two in the other order, 0 becomes null; under Boolean or Number, 1
# becomes true. Every one of them was valid as it was. type: [number, null] leaves them alone.
#
# Why it matters: "no setpoint" is stored as a setpoint of 0 degrees, and 0 degrees as none. The handler's types say that both can come
# in, and tests with 20 pass.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent fastify@5.12.8 typebox@1.4.3 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import Fastify from 'fastify'
import { Type } from 'typebox'

// allowUnionTypes only keeps Ajv from warning of the lists of types below.
const app = Fastify({ ajv: { customOptions: { allowUnionTypes: true } } })
const cases = [
  ['Union(Number, Null)', Type.Union([Type.Number(), Type.Null()]), null, 0],
  ['Union(Null, Number)', Type.Union([Type.Null(), Type.Number()]), 0, null],
  ['Union(Boolean, Number)', Type.Union([Type.Boolean(), Type.Number()]), 1, true],
  ['type: [number, null]', { type: ['number', 'null'] }, null, null],
  ['type: [null, number]', { type: ['null', 'number'] }, 0, 0]
]
console.log('Guess:     a valid value arrives as it was sent')
console.log('Behaviour: the first member of the union that it can be turned into gets it')
for (const [index, [, schema]] of cases.entries()) {
  app.post(`/${index}`, { schema: { body: Type.Object({ v: schema }) } }, async (request) => ({ v: request.body.v }))
}
for (const [index, [name, , sent, expected]] of cases.entries()) {
  const { v } = (await app.inject({ method: 'POST', url: `/${index}`, payload: { v: sent } })).json()
  console.log('Seen:     ', name.padEnd(22), 'sent', sent, 'got', v)
  assert.equal(v, expected)
}
await app.close()
JS
node check.mjs
