#!/usr/bin/env bash
# Library: @asyncapi/parser 3.6.6 (npm)
#
# Guess: what stands in `examples` and `const` of a schema is data. A document whose messages carry MongoDB's DBRefs, {"$ref": "pumps", "$id": 7},
# can show one.
#
# Behaviour: the parser looks for "$ref" everywhere, resolves it as a reference of the document, and finds none. The document is refused with
# `invalid-ref`, and there is no parsed document at all. In `enum` and `default` it is the same. Written as JSON text inside a string, or with
# the member left out, the example passes.
#
# Why it matters: a description that is made from the schemas of an application fails only for the one that has such an example, at the end of
# a build. Whoever generates documents has to look into data for a member of that name.
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

/** A document with one message, whose payload is described by a schema. */
const documentOf = (payload) => ({
  asyncapi: '3.0.0',
  info: { title: 'Pumps', version: '1.0.0' },
  channels: { events: { address: '/events', messages: { started: { payload } } } },
  operations: { tell: { action: 'send', channel: { $ref: '#/channels/events' } } }
})

async function codesOf (payload) {
  const { document, diagnostics } = await new Parser().parse(documentOf(payload))
  return { isParsed: document !== undefined, errors: diagnostics.filter(({ severity }) => severity === 0).map(({ code }) => code) }
}

const dbref = { $ref: 'pumps', $id: 7 }
const schema = { type: 'object', properties: { by: { type: 'object', additionalProperties: true } } }

console.log('Guess:     an example, a constant, a default is data: the document is valid')
console.log('Behaviour: "$ref" in it is taken for a reference of the document, which leads nowhere')
for (const [keyword, value] of [['examples', [dbref]], ['const', dbref], ['default', dbref], ['enum', [dbref]]]) {
  const found = await codesOf({ ...schema, properties: { by: { type: 'object', [keyword]: value } } })
  console.log(`Seen:      ${keyword}:`, JSON.stringify(found))
  assert.deepEqual(found, { isParsed: false, errors: ['invalid-ref'] }, keyword)
}
assert.deepEqual(await codesOf({ ...schema, examples: [{ by: { $id: 7 } }] }), { isParsed: true, errors: [] })
JS
node check.mjs
