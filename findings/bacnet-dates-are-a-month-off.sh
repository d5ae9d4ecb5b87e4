#!/usr/bin/env bash
# Library: node-bacnet 0.2.4 (npm)
#
# Guess: a JavaScript Date of the 27th of November is the 27th of November on the wire, and back. That months count from 0 in
# JavaScript and from 1 in BACnet (ASHRAE 135, clause 20.2.12) is what a library is for.
#
# Behaviour: the month is copied as it is, both ways. timeSync sends month 10, so that a device sets its clock to October; a device
# that says November is read as December. Two programs that use this library agree with each other, which hides it.
#
# Why it matters: dates of alarms, schedules and logs stand on the screens a month late, and a dashboard that sets the clocks of a
# building puts every schedule a month back. In January it sends month 0, which does not exist.
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

  console.log('Guess:     November is month 11 on the wire, and month 11 is November')
  console.log('Behaviour: it is sent as month 10, and month 11 is read as December')
  const received = once(device, 'message')
  client.timeSync(`127.0.0.1:${device.address().port}`, new Date(2026, 10, 27, 13, 14, 15))
  const [datagram] = await received
  // a4: a date of four bytes: year - 1900, month, day, day of the week
  const at = datagram.indexOf(0xa4)
  const [year, month, day, weekday] = datagram.subarray(at + 1, at + 5)
  console.log('Seen:      sent', { year: 1900 + year, month, day, weekday })
  assert.deepEqual([year, month, day, weekday], [126, 10, 27, 5])

  datagram[at + 2] = 11
  const announced = once(client, 'timeSync')
  device.send(datagram, port, '127.0.0.1')
  const [{ payload }] = await announced
  console.log('           read', payload.value.toDateString())
  assert.deepEqual([payload.value.getFullYear(), payload.value.getMonth(), payload.value.getDate()], [2026, 11, 27])
  client.close()
  device.close()
}
main()
JS
node check.cjs
