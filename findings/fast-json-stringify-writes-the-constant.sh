#!/usr/bin/env bash
# Library: fast-json-stringify 7.3.10 (npm; what Fastify answers with where a route has a response schema)
#
# Guess: a `const` in a response schema is a claim about the value. A value that breaks it is written as it is, or refused.
#
# Behaviour: the constant is written, whatever the value is. An optional member that is missing stays missing.
#
# Why it matters: TypeBox's Literal and Zod's literal are how a protocol says which of its shapes this is. A valve that is "closed" is
# reported as "open" because somebody described the route with the wrong Literal, and nothing between the state and the screen
# notices.
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

const withConst = build({ type: 'object', properties: { valve: { type: 'string', const: 'open' } } })
const withEnum = build({ type: 'object', properties: { valve: { type: 'string', enum: ['open'] } } })

console.log('Guess:     {"valve":"closed"}, or an error')
console.log('Behaviour: the constant of the schema')
console.log('Seen:      const', withConst({ valve: 'closed' }))
console.log('           enum ', withEnum({ valve: 'closed' }))
assert.equal(withConst({ valve: 'closed' }), '{"valve":"open"}')
assert.equal(withEnum({ valve: 'closed' }), '{"valve":"closed"}')
assert.equal(withConst({}), '{}')
JS
node check.mjs
