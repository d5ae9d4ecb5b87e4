#!/usr/bin/env bash
# Library: mqtt 5.16.0 (npm, "MQTT.js"), with aedes 1.2.0 as the broker
#
# Guess: subscribe() sends a SUBSCRIBE each time. MQTT 3.1.1 has the broker send the retained messages again for it (3.8.4), which is
# the way to ask for the current values once more.
#
# Behaviour: a topic filter that the client has subscribed to already, with the same QoS, is left out of the packet; if none remains,
# no packet is sent. The callback comes at once, without an error, with an empty list of grants.
#
# Why it matters: a panel that opens subscribes to what it shows, on a connection that the application shares. The first panel gets
# the retained values, the second one waits for the next change, which for a setpoint may be next week. Unsubscribe first, or keep
# the last value of each topic oneself.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent mqtt@5.16.0 aedes@1.2.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'

const broker = await Aedes.createBroker()
const server = createServer(broker.handle).listen(0, '127.0.0.1')
await once(server, 'listening')
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${server.address().port}`)
const sent = []
const received = []
client.on('packetsend', (packet) => sent.push(packet.cmd))
client.on('message', (topic, message) => received.push(`${topic}=${message}`))
// A message to oneself comes after all that the broker had to send before it.
await client.subscribeAsync('flush', { qos: 1 })
const flush = async () => {
  const arrived = new Promise((resolve) => client.on('message', (topic) => topic === 'flush' && resolve()))
  await client.publishAsync('flush', 'x', { qos: 1 })
  await arrived
  return {
    subscribes: sent.splice(0).filter((cmd) => cmd === 'subscribe').length,
    received: received.splice(0).filter((line) => !line.startsWith('flush'))
  }
}
await client.publishAsync('boiler/setpoint', '60', { retain: true, qos: 1 })
await flush()

console.log('Guess:     each subscribe brings the retained value')
console.log('Behaviour: only the first is sent')
const first = { granted: (await client.subscribeAsync('boiler/setpoint')).length, ...await flush() }
const second = { granted: (await client.subscribeAsync('boiler/setpoint')).length, ...await flush() }
await client.unsubscribeAsync('boiler/setpoint')
const afresh = { granted: (await client.subscribeAsync('boiler/setpoint')).length, ...await flush() }
console.log('Seen:      first ', JSON.stringify(first))
console.log('           second', JSON.stringify(second))
console.log('           afresh', JSON.stringify(afresh))
assert.deepEqual(first, { granted: 1, subscribes: 1, received: ['boiler/setpoint=60'] })
assert.deepEqual(second, { granted: 0, subscribes: 0, received: [] })
assert.deepEqual(afresh, first)

await client.endAsync()
await new Promise((resolve) => broker.close(resolve))
server.close()
JS
node check.mjs
