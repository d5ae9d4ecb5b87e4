#!/usr/bin/env bash
# Library: sparkplug-payload 1.0.3 (npm)
#
# Guess: what it encodes it decodes, for each of the types that it lists for the columns of a DataSet and the parameters of a Template.
#
# Behaviour: the decoder knows other types there than the encoder. Int8 to Int32, UInt8, UInt16, UInt64, DateTime and Text are encoded
# and then refused with "Invalid DataSetValue" or "Invalid Parameter value". One such column makes the whole payload unreadable,
# the plain metrics beside it included. UInt32, Int64, Float, Double, Boolean and String work, and the same types are fine as metrics.
#
# Why it matters: the birth message of a device holds its templates and tables. With an Int32 in one of them a host that is written
# with the same library never sees the device at all.
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
const values = { Boolean: true, String: 'a', Text: 'a' }
const types = ['Int8', 'Int16', 'Int32', 'Int64', 'UInt8', 'UInt16', 'UInt32', 'UInt64', 'Float', 'Double', 'Boolean', 'DateTime', 'String', 'Text']
const shapes = {
  metric: (type, value) => ({ type, value }),
  DataSet: (type, value) => ({ type: 'DataSet', value: { numOfColumns: 1, types: [type], columns: ['c'], rows: [[value]] } }),
  Template: (type, value) => ({
    type: 'Template',
    value: { isDefinition: false, templateRef: 't', metrics: [], parameters: [{ name: 'p', type, value }] }
  })
}
const isRead = (shape, type) => {
  const encoded = encodePayload({ timestamp: 1, seq: 0, metrics: [{ name: 'm', ...shapes[shape](type, values[type] ?? 5) }] })
  try {
    decodePayload(encoded)
    return true
  } catch (error) {
    assert.match(error.message, /^Invalid (DataSetValue|Parameter value)/)
    return false
  }
}

console.log('Guess:     every type that can be encoded can be decoded')
console.log('Behaviour: in tables and templates most integers cannot')
for (const shape of Object.keys(shapes)) {
  const refused = types.filter((type) => !isRead(shape, type))
  console.log('Seen:     ', shape.padEnd(8), 'refuses', refused.join(' ') || 'nothing')
  assert.deepEqual(refused, shape === 'metric' ? [] : ['Int8', 'Int16', 'Int32', 'UInt8', 'UInt16', 'UInt64', 'DateTime', 'Text'])
}
JS
node check.mjs
