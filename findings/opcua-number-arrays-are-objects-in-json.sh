#!/usr/bin/env bash
# Library: node-opcua-variant 2.182.0 (npm; the values of node-opcua 2.186)
#
# Guess: an array of an OPC UA server is an array in JavaScript and in JSON: [1.5,2.5].
#
# Behaviour: arrays of the numeric types are typed arrays, which JSON.stringify writes as objects: {"0":1.5,"1":2.5}. Arrays of
# Boolean, String and Int64 are plain arrays, so that it depends on the data type of the node. Input as a plain array is converted.
#
# Why it matters: a recipe or a curve arrives on the screen as an object without a length, and a chart that maps over it stops. A diff
# between two such values, or between one of them and a list, works on member names.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent node-opcua-variant@2.182.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { DataType, Variant, VariantArrayType } from 'node-opcua-variant'

const json = (dataType, value) => JSON.stringify(new Variant({ dataType: DataType[dataType], arrayType: VariantArrayType.Array, value }).toJSON().value)

console.log('Guess:     [1.5,2.5]')
console.log('Behaviour: {"0":1.5,"1":2.5}')
for (const [dataType, value, expected] of [
  ['Double', [1.5, 2.5], '{"0":1.5,"1":2.5}'],
  ['Int32', [1, 2], '{"0":1,"1":2}'],
  ['Boolean', [true, false], '[true,false]'],
  ['String', ['a', 'b'], '["a","b"]']
]) {
  console.log('Seen:     ', dataType.padEnd(7), json(dataType, value))
  assert.equal(json(dataType, value), expected)
}
JS
node check.mjs
