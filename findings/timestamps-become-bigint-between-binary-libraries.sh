#!/usr/bin/env bash
# Library: msgpackr 2.1.4 reading @msgpack/msgpack 3.1.3, and cbor-x 1.6.9 reading cbor 10.0.12 (npm)
#
# Guess: MessagePack and CBOR carry 1791234567890 between two JavaScript programs as a number. It is far below 2^53, and each of the
# four libraries gets back what it wrote itself.
#
# Behaviour: two of them write an integer of 2^32 and more as a 64-bit integer, the other two as a float. These read any 64-bit
# integer as a BigInt, whatever its size. Across the pair the type of one value changes as it grows past 4294967295.
#
# Why it matters: milliseconds since 1970 are always above it; counters get there after months of running. From then on JSON.stringify
# throws, and so does arithmetic with numbers: the gateway that forwards the state to its screens stops at that value.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent msgpackr@2.1.4 @msgpack/msgpack@3.1.3 cbor-x@1.6.9 cbor@10.0.12 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { encode, decode } from '@msgpack/msgpack'
import { pack, unpack } from 'msgpackr'
import cbor from 'cbor'
import * as cborX from 'cbor-x'

const ways = {
  '@msgpack/msgpack to msgpackr': (value) => unpack(encode(value)),
  'cbor to cbor-x': (value) => cborX.decode(cbor.encode(value)),
  'msgpackr to @msgpack/msgpack': (value) => decode(pack(value)),
  'cbor-x to cbor': (value) => cbor.decode(cborX.encode(value)),
  'msgpackr to itself': (value) => unpack(pack(value)),
  'cbor-x to itself': (value) => cborX.decode(cborX.encode(value))
}
const values = [4294967295, 4294967296, 1791234567890]

console.log('Guess:     a number, as it was sent')
console.log('Behaviour: a BigInt in two of the four directions, from 4294967296 on')
for (const [way, send] of Object.entries(ways)) {
  const types = values.map((value) => typeof send(value))
  console.log('Seen:     ', way.padEnd(28), values.map((value, index) => `${value} ${types[index]}`).join(', '))
  for (const value of values) assert.equal(String(send(value)), String(value))
  const changes = ['@msgpack/msgpack to msgpackr', 'cbor to cbor-x'].includes(way)
  assert.deepEqual(types, changes ? ['number', 'bigint', 'bigint'] : ['number', 'number', 'number'])
  if (changes) assert.throws(() => JSON.stringify({ at: send(1791234567890) }), TypeError)
}
JS
node check.mjs
