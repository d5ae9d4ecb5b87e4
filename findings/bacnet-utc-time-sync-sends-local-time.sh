#!/usr/bin/env bash
# Library: node-bacnet 0.2.4 (npm)
#
# Guess: timeSync sends local time and timeSyncUTC sends UTC. BACnet has two services because devices either know their time zone or do
# not, and a Date knows both times.
#
# Behaviour: both send the local time of the process. Only the number of the service differs.
#
# Why it matters: whoever looks after buildings in several zones uses the UTC service. Each device is set wrong by the offset of the
# machine that runs the dashboard, and right only where that machine runs on UTC, as containers and test machines do.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent node-bacnet@0.2.4 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.cjs <<'JS'
const assert = require('node:assert/strict')
const dgram = require('node:dgram')
const { once } = require('node:events')
const Bacnet = require('node-bacnet')

async function main () {
  const device = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  await once(device, 'listening')
  const spare = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  await once(spare, 'listening')
  const port = spare.address().port
  await new Promise((resolve) => spare.close(resolve))
  const client = new Bacnet({ port, interface: '127.0.0.1', broadcastAddress: '127.255.255.255' })
  await once(client, 'listening')

  console.log('Guess:     20:30 in Kolkata is 15:00 UTC')
  console.log('Behaviour: timeSyncUTC sends 20:30 as well')
  for (const service of ['timeSync', 'timeSyncUTC']) {
    const received = once(device, 'message')
    client[service](`127.0.0.1:${device.address().port}`, new Date('2026-03-01T15:00:00Z'))
    const [datagram] = await received
    // b4: a time of four bytes: hour, minute, second, hundredths
    const [hour, minute] = datagram.subarray(datagram.lastIndexOf(0xb4) + 1)
    console.log('Seen:     ', service.padEnd(11), 'service', datagram[7], `time ${hour}:${minute}`)
    assert.equal(datagram[7], service === 'timeSync' ? 6 : 9)
    assert.deepEqual([hour, minute], [20, 30])
  }
  client.close()
  device.close()
}
main()
JS
TZ=Asia/Kolkata node check.cjs
