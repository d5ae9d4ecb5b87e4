#!/usr/bin/env bash
# Library: knx 2.5.4 and knxultimate 5.4.0 (npm)
#
# Guess: both say that the unit of DPT 8.010 is "%", so that writing -5.5 means -5.5 %. KNX gives this type steps of 0.01 %: the bus
# gets -550. The other percentage, DPT 5.001, and the two-byte float, DPT 9, are scaled like that.
#
# Behaviour: DPT 8.010 is raw, both ways. -5.5 is sent as -5, which a device takes for -0.05 %, and a device's -550 is read as -550.
#
# Why it matters: a correction of a valve or a fan is wrong by a factor of 100 and is acknowledged by the bus; what comes back from the
# device is wrong by the same factor, so that writing and reading with one library agrees.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent knx@2.5.4 knxultimate@5.4.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.cjs <<'JS'
const assert = require('node:assert/strict')
const libraries = { knx: ['DPT', require('knx/src/dptlib')], knxultimate: ['', require('knxultimate').dptlib] }

console.log('Guess:     -5.5 % is -550 on the bus, as 100 % of DPT 5.001 is 255')
console.log('Behaviour: -5.5 % is -5 on the bus')
for (const [name, [prefix, dptlib]] of Object.entries(libraries)) {
  const write = (value, type) => {
    const telegram = {}
    dptlib.populateAPDU(value, telegram, prefix + type)
    return telegram.data
  }
  const type = dptlib.resolve(prefix + '8.010')
  const sent = write(-5.5, '8.010').readInt16BE()
  const read = dptlib.fromBuffer(Buffer.from('fdda', 'hex'), type)
  console.log('Seen:     ', name.padEnd(11), `unit "${type.subtype.unit}", -5.5 is sent as ${sent}, -550 is read as ${read}`)
  assert.equal(type.subtype.unit, '%')
  assert.equal(sent, -5)
  assert.equal(read, -550)
  assert.deepEqual(write(100, '5.001'), Buffer.from([255]))
}
JS
node check.cjs
