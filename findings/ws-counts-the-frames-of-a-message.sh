#!/usr/bin/env bash
# Library: ws 8.23.0 (npm)
#
# Guess: what bounds a message is maxPayload, 100 MiB by default. Into how many frames a sender cuts it is the sender's business
# (RFC 6455, 5.4).
#
# Behaviour: a message of more than 16,384 frames ends the connection with 1008, however short it is. The option is called
# maxFragments.
#
# Why it matters: a gateway that streams a log or a trend while it reads it sends a small frame for each record. It works for hours and
# breaks on the first long day; the sender sees a policy violation for some hundred KiB, far below every limit that it knows of.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent ws@8.23.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'

async function send (frames) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const ended = new Promise((resolve) => server.on('connection', (socket) => {
    socket.on('error', (error) => resolve(error.code))
    socket.on('message', (message) => { resolve(`${message.length} bytes arrived`) })
  }))
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`, { perMessageDeflate: false })
  const closed = once(client, 'close')
  await once(client, 'open')
  for (let frame = 1; frame <= frames; frame++) client.send('record;', { fin: frame === frames })
  const result = await ended
  client.close(1000)
  const [code] = await closed
  server.close()
  return `${result}, closed with ${code}`
}

console.log('Guess:     both messages arrive, for they are a thousandth of maxPayload')
console.log('Behaviour: one frame more than 16,384 ends the connection')
const most = await send(16_384)
const over = await send(16_385)
console.log('Seen:      16,384 frames:', most)
console.log('           16,385 frames:', over)
assert.equal(most, '114688 bytes arrived, closed with 1000')
assert.equal(over, 'WS_ERR_TOO_MANY_BUFFERED_PARTS, closed with 1008')
JS
node check.mjs
