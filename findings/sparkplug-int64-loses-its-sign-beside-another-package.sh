#!/usr/bin/env bash
# Library: sparkplug-payload 1.0.3 (npm), beside long 5.3.2
#
# Guess: whether an Int64 metric of -5 is decoded as -5 is a matter of sparkplug-payload. What else an application has installed
# makes no difference to it, the less as the package depends on long 4 by itself.
#
# Behaviour: alone it decodes -5. Where the application also depends on long 5, the same code decodes 18446744073709551611: npm then
# installs two copies of long 4, and the package does not know the other one's objects as its own ("instanceof").
#
# Why it matters: many drivers and clients bring a newer long. A negative temperature, flow or balance turns into an enormous number
# on every screen because somebody added an unrelated package. Call toSigned() by the metric's type, not by what the value says.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > check.mjs <<'JS'
import sparkplug from 'sparkplug-payload'

const { encodePayload, decodePayload } = sparkplug.get('spBv1.0')
const metrics = ['Int64', 'Int32'].map((type) => ({ name: type, type, value: -5 }))
const decoded = decodePayload(encodePayload({ timestamp: 1, seq: 0, metrics })).metrics
console.log(decoded.map(({ type, value }) => `${type} ${value}`).join(', '))
JS
for name in alone beside; do
  mkdir "$name"
  echo '{ "private": true }' > "$name/package.json"
  cp check.mjs "$name/"
done
(cd alone && npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent sparkplug-payload@1.0.3) ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }
(cd beside && npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent sparkplug-payload@1.0.3 long@5.3.2) ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

alone=$(node alone/check.mjs)
beside=$(node beside/check.mjs)
echo 'Guess:     -5 in both'
echo 'Behaviour: it loses its sign beside another version of long'
echo "Seen:      alone:         $alone"
echo "           beside long 5: $beside"
[ "$alone" = 'Int64 -5, Int32 -5' ]
[ "$beside" = 'Int64 18446744073709551611, Int32 -5' ]
