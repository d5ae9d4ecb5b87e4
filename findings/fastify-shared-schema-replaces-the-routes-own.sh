#!/usr/bin/env bash
# Library: fastify 5.12.8 (npm)
#
# Guess: the schema that a route spells out is the schema of that route. Should its $id be taken by a shared one, Fastify refuses at the
# start, as addSchema does for a second schema with the same $id.
#
# Behaviour: the shared schema is used in its place, without a word. Requests that fit the route's own schema are refused, and those
# that fit the shared one are taken.
#
# Why it matters: TypeBox and generators give schemas ids like "Device" or "Setpoint", and two plugins of one plant share such words.
# Registering one of them changes what the other's routes accept.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent fastify@5.12.8 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import Fastify from 'fastify'

const shared = { $id: 'Setpoint', type: 'object', properties: { degrees: { type: 'number' } }, required: ['degrees'] }
const own = { $id: 'Setpoint', type: 'object', properties: { percent: { type: 'number' } }, required: ['percent'] }

async function post (hasShared) {
  const app = Fastify()
  if (hasShared) app.addSchema(shared)
  app.post('/', { schema: { body: own } }, async () => 'taken')
  const answers = {}
  for (const name of ['percent', 'degrees']) {
    answers[name] = (await app.inject({ method: 'POST', url: '/', payload: { [name]: 5 } })).statusCode
  }
  await app.close()
  return answers
}

console.log('Guess:     the route wants percent in both cases, or the app does not start')
console.log('Behaviour: beside a shared schema of that name it wants degrees')
const alone = await post(false)
const beside = await post(true)
console.log('Seen:      alone ', JSON.stringify(alone))
console.log('           beside', JSON.stringify(beside))
assert.deepEqual(alone, { percent: 200, degrees: 400 })
assert.deepEqual(beside, { percent: 400, degrees: 200 })
const app = Fastify()
app.addSchema(shared)
assert.throws(() => app.addSchema(own), { code: 'FST_ERR_SCH_ALREADY_PRESENT' })
await app.close()
JS
node check.mjs
