#!/usr/bin/env bash
# Library: node-opcua-status-code 2.181.0 (npm; part of node-opcua 2.186)
#
# Guess: isGood() follows OPC UA's severity: the two highest bits say good, uncertain or bad, and a code whose name begins with
# Good is good. If a code is not good, it is uncertain or bad.
#
# Behaviour: isGood() is true for the code Good alone. For GoodLocalOverride (an operator set the value by hand) and GoodClamped
# (the value was cut at a limit) both isGood() and isBad() say no. What follows the severity is called isGoodish().
#
# Why it matters: an operator who takes a pump into manual mode makes its value grey on every screen and drops it from the history,
# in the very situation in which somebody watches it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent node-opcua-status-code@2.181.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { StatusCodes } from 'node-opcua-status-code'

console.log('Guess:     GoodLocalOverride and GoodClamped are good')
console.log('Behaviour: isGood() says no, isBad() says no, isGoodish() says yes')
for (const name of ['Good', 'GoodLocalOverride', 'GoodClamped', 'BadSensorFailure']) {
  const code = StatusCodes[name]
  const seen = [code.isGood(), code.isGoodish(), code.isBad()]
  console.log('Seen:     ', name.padEnd(18), 'isGood', seen[0], 'isGoodish', seen[1], 'isBad', seen[2])
  assert.deepEqual(seen, name === 'Good' ? [true, true, false] : name.startsWith('Good') ? [false, true, false] : [false, false, true])
}
JS
node check.mjs
