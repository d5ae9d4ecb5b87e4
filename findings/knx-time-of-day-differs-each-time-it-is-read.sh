#!/usr/bin/env bash
# Library: knx 2.5.4 and knxultimate 5.4.0 (npm)
#
# Guess: a KNX telegram of the type "time of day" (DPT 10.001) decodes to the time that it holds. The same three bytes give the same
# value.
#
# Behaviour: both give a Date: that time, on that weekday of the week in which it is decoded, with the milliseconds of the computer's
# clock. The same telegram is another value each time it is read.
#
# Why it matters: a clock of a house sends its time every minute or on request. Nothing has changed, but the state has: the diff is
# never empty, each screen is woken, and two gateways on one bus disagree about the value.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent knx@2.5.4 knxultimate@5.4.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.cjs <<'JS'
const assert = require('node:assert/strict')
const { mock } = require('node:test')
const libraries = { knx: require('knx/src/dptlib'), knxultimate: require('knxultimate').dptlib }

// Friday, 13:14:15
const telegram = Buffer.from([(5 << 5) | 13, 14, 15])
const clock = [new Date(2026, 2, 2, 8, 0, 0, 111), new Date(2026, 2, 10, 8, 0, 0, 222)]

console.log('Guess:     the same bytes give the same time')
console.log('Behaviour: they give a Date with the week and the milliseconds of the clock')
for (const [name, dptlib] of Object.entries(libraries)) {
  const seen = clock.map((now) => {
    mock.timers.enable({ apis: ['Date'], now })
    const time = dptlib.fromBuffer(telegram, dptlib.resolve(name === 'knx' ? 'DPT10.001' : '10.001'))
    mock.timers.reset()
    return time
  })
  console.log('Seen:     ', name.padEnd(11), ...seen.map((time) => `${time.toDateString()} ${time.toTimeString().slice(0, 8)}.${time.getMilliseconds()}`))
  for (const [index, time] of seen.entries()) {
    assert.deepEqual([time.getDay(), time.getHours(), time.getMinutes(), time.getSeconds()], [5, 13, 14, 15])
    assert.equal(time.getMilliseconds(), [111, 222][index])
  }
  assert.deepEqual(seen.map((time) => time.getDate()), [6, 13])
}
JS
node --no-warnings check.cjs
