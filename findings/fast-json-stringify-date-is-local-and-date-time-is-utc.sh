#!/usr/bin/env bash
# Library: fast-json-stringify 7.3.10 (npm; what Fastify answers with where a route has a response schema)
#
# Guess: one Date under the formats date-time and date is written as one moment: the date is the first ten characters of the other.
#
# Behaviour: date-time is written in UTC and date in the time zone of the process. For some hours of each day they are different days.
#
# Why it matters: shifts, consumption of a day and maintenance plans are keyed by such dates. A server at the plant and one in a
# container, which runs on UTC, answer with different days for one state, and a test on either passes.
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

const write = build({
  type: 'object',
  properties: { at: { type: 'string', format: 'date-time' }, day: { type: 'string', format: 'date' } }
})
const moment = new Date('2026-03-02T02:30:00Z')
const seen = JSON.parse(write({ at: moment, day: moment }))

console.log('Guess:     both say the 2nd of March')
console.log('Behaviour: date-time is UTC, date is local')
console.log('Seen:     ', process.env.TZ, JSON.stringify(seen))
assert.equal(seen.at, '2026-03-02T02:30:00.000Z')
assert.equal(seen.day, process.env.TZ === 'UTC' ? '2026-03-02' : '2026-03-01')
JS
TZ=America/New_York node check.mjs
TZ=UTC node check.mjs
