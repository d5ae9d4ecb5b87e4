#!/usr/bin/env bash
# Library: msgpackr 2.1.4, read by @msgpack/msgpack 3.1.3 (npm)
#
# Guess: MessagePack has no `undefined`. A library that meets one leaves the member out, as JSON does, or writes nil, as the other
# library does.
#
# Behaviour: msgpackr writes an extension of its own, type 0, which only msgpackr reads back. Any other reader gets an object there.
# @msgpack/msgpack hands out an ExtData, which in JSON is {"type":0,"data":…}.
#
# Why it matters: a device without a reading has `undefined` in that member more often than null. The screens show [object Object] or
# take it for a value; `value != null` does not catch it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent msgpackr@2.1.4 @msgpack/msgpack@3.1.3 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { encode, decode, ExtData } from '@msgpack/msgpack'
import { pack, unpack } from 'msgpackr'

const device = { name: 'boiler', temperature: undefined }

console.log('Guess:     the member is missing or null')
console.log('Behaviour: the member is an object')
const received = decode(pack(device))
console.log('Seen:      msgpackr to @msgpack/msgpack', JSON.stringify(received))
console.log('           @msgpack/msgpack to msgpackr', JSON.stringify(unpack(encode(device))))
assert.ok(received.temperature instanceof ExtData)
assert.equal(received.temperature.type, 0)
assert.equal(unpack(pack(device)).temperature, undefined)
assert.equal(unpack(encode(device)).temperature, null)
JS
node check.mjs
