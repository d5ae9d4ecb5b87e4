#!/usr/bin/env bash
# Library: knx 2.5.4 and knxultimate 5.4.0 (npm)
#
# Guess: the text of a telegram (DPT 16, fourteen bytes filled up with zeros) decodes to the text that was written, as C's strings do.
#
# Behaviour: the filling stays: "auto" comes back as "auto" and ten NUL characters. It prints like the text that was written and is not
# equal to it. knx also reads the Latin-1 variant as seven bits, so that "Küche" is "K|che" in what it reads; knxultimate reads it.
#
# Why it matters: panels choose a picture or a colour by comparing such texts, and no branch matches, while logs and screens show the
# text that was expected. PostgreSQL refuses NUL in text, so that storing the state fails as well.
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

console.log('Guess:     the text that was written')
console.log('Behaviour: the text and the zeros after it')
for (const [name, [prefix, dptlib]] of Object.entries(libraries)) {
  const roundTrip = (text, type) => {
    const telegram = {}
    dptlib.populateAPDU(text, telegram, prefix + type)
    assert.equal(telegram.data.length, 14)
    return dptlib.fromBuffer(telegram.data, dptlib.resolve(prefix + type))
  }
  const mode = roundTrip('auto', '16.000')
  const room = roundTrip('Küche', '16.001')
  console.log('Seen:     ', name.padEnd(11), JSON.stringify(mode), JSON.stringify(room))
  assert.equal(mode, 'auto' + '\0'.repeat(10))
  assert.equal(room, (name === 'knx' ? 'K|che' : 'Küche') + '\0'.repeat(9))
  assert.equal(roundTrip('fourteen bytes', '16.000'), 'fourteen bytes')
}
JS
node check.cjs
