#!/usr/bin/env bash
# Library: sparkplug-payload 1.0.3 (npm)
#
# Guess: an Int64 metric takes a BigInt and a DateTime metric takes a Date: those are what JavaScript has for them. What a library
# cannot encode it refuses.
#
# Behaviour: both are encoded as 0, without an error. A Date as the timestamp of a metric or of the whole payload becomes 0 as well.
#
# Why it matters: Sparkplug is how plants publish by MQTT. The total of an energy meter is shown as 0 and a "last service" as 1970,
# on every screen behind the broker, and the historian keeps both. Convert to numbers or Longs before.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent sparkplug-payload@1.0.3 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import sparkplug from 'sparkplug-payload'

const { encodePayload, decodePayload } = sparkplug.get('spBv1.0')
const when = new Date('2026-03-01T12:00:00Z')
const roundTrip = (type, value, timestamp) => {
  const metric = { name: 'm', type, value, timestamp }
  return decodePayload(encodePayload({ timestamp: when.getTime(), seq: 0, metrics: [metric] })).metrics[0]
}

console.log('Guess:     the value arrives, or the encoder throws')
console.log('Behaviour: the value arrives as 0')
for (const [type, wrong, right] of [['Int64', 1234n, 1234], ['DateTime', when, when.getTime()]]) {
  const seen = String(roundTrip(type, wrong, 0).value)
  console.log('Seen:     ', type, 'from', `${typeof wrong}`, 'gives', seen, '- from a number', String(roundTrip(type, right, 0).value))
  assert.equal(seen, '0')
  assert.equal(String(roundTrip(type, right, 0).value), String(right))
}
assert.equal(String(roundTrip('Int32', 1, when).timestamp), '0')
assert.equal(String(roundTrip('Int32', 1, when.getTime()).timestamp), String(when.getTime()))
JS
node check.mjs
