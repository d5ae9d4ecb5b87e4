#!/usr/bin/env bash
# Library: prom-client 15.1.3 (npm)
#
# Guess: a metric whose `collect` sets other metrics as well (one look at the source of all numbers for a scrape) has all of them in that
# scrape: the text is made when everything has been collected.
#
# Behaviour: each metric is collected and written down in the order of registration. What a later metric's `collect` sets in an earlier one
# is in the next scrape: those values are one scrape old, for ever, beside others that are new.
#
# Why it matters: connections and messages of a server are then of two moments that are a minute apart, and ratios between them are wrong
# just when something happens. The metric that collects has to be registered first.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent prom-client@15.1.3 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { Gauge, Registry } from 'prom-client'

let connections = 0
const registry = new Registry()
const registers = [registry]
const gauge = (name, collect) => new Gauge({ name, help: name, registers, ...(collect && { collect }) })
const read = (text, name) => Number(text.split('\n').find((line) => line.startsWith(`${name} `)).split(' ')[1])

const early = gauge('registered_before')
gauge('collecting', function () {
  this.set(connections)
  early.set(connections)
  late.set(connections)
})
const late = gauge('registered_after')

console.log('Guess:     one scrape has one value for all three')
console.log('Behaviour: the one that was registered before the collecting one has the value of the scrape before')
for (const now of [5, 7, 9]) {
  const before = connections
  connections = now
  const text = await registry.metrics()
  const seen = ['registered_before', 'collecting', 'registered_after'].map((name) => read(text, name))
  console.log(`Seen:      ${now} connections: ${seen.join(', ')}`)
  assert.deepEqual(seen, [before, now, now])
}
JS
node check.mjs
