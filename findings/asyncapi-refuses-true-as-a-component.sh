#!/usr/bin/env bash
# Library: @asyncapi/parser 3.6.6 (npm)
#
# Guess: a schema of AsyncAPI is one of JSON Schema draft-07, where `true` is a schema that lets everything pass. So it can be a component and a
# payload, as it can be a property.
#
# Behaviour: inside of a schema `true` and `false` are fine. The same `true` as `components.schemas.x`, or as the `payload` of a message, makes the
# document invalid. `{}` and `{ "not": {} }` say the same, and pass.
#
# Why it matters: schemas are moved to the components when a document is made from an application's own (references work from there alone). The
# one that says "anything" was valid where it stood, and is not any more where it went.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "scarfSettings": { "enabled": false } }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent @asyncapi/parser@3.6.6 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { Parser } from '@asyncapi/parser'

async function errorsOf (payload, schemas = {}) {
  const { diagnostics } = await new Parser().parse({
    asyncapi: '3.0.0',
    info: { title: 'Pumps', version: '1.0.0' },
    channels: { events: { address: '/events', messages: { started: { payload } } } },
    operations: { tell: { action: 'send', channel: { $ref: '#/channels/events' } } },
    components: { schemas }
  })
  return diagnostics.filter(({ severity }) => severity === 0).length
}

const anything = { $ref: '#/components/schemas/anything' }

console.log('Guess:     `true` is a schema wherever a schema stands')
console.log('Behaviour: as a property it is, as a component or a payload it is not')
const inside = await errorsOf({ type: 'object', properties: { note: true, secret: false } })
const component = await errorsOf(anything, { anything: true })
const payload = await errorsOf(true)
console.log('Seen:      errors as a property:', inside, 'as a component:', component, 'as a payload:', payload)
assert.equal(inside, 0)
assert.ok(component > 0)
assert.ok(payload > 0)
assert.equal(await errorsOf(anything, { anything: {} }), 0)
assert.equal(await errorsOf({ not: {} }), 0)
JS
node check.mjs
