#!/usr/bin/env bash
# Library: node-opcua-variant 2.182.0 (npm; the values of node-opcua 2.186)
#
# Guess: an Int64 of an OPC UA server is a BigInt, or a number that loses precision beyond 2^53, and prints as what it is.
#
# Behaviour: it is a pair of unsigned halves, [high, low]. -5 is [4294967295, 4294967291], in JSON and in toString() as well, where
# nothing tells it from an array of two numbers. A plain number is taken as input and turned into the pair.
#
# Why it matters: totals and counters of plants are 64-bit. Shown as they are they become two numbers, compared with < they are
# compared as text, and the halves of a negative one have no sign left. Each value has to be converted by the variant's data type.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent node-opcua-variant@2.182.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { DataType, Variant } from 'node-opcua-variant'

console.log('Guess:     -5')
console.log('Behaviour: a pair of unsigned halves')
const total = new Variant({ dataType: DataType.Int64, value: -5 })
console.log('Seen:     ', JSON.stringify(total))
console.log('          ', total.toString())
assert.deepEqual(total.value, [4294967295, 4294967291])
assert.deepEqual(JSON.parse(JSON.stringify(total)).value, [4294967295, 4294967291])
assert.equal(BigInt.asIntN(64, (BigInt(total.value[0]) << 32n) | BigInt(total.value[1])), -5n)
assert.equal(new Variant({ dataType: DataType.Int32, value: -5 }).value, -5)
JS
node check.mjs
