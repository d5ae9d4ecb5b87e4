#!/usr/bin/env bash
# Library: @hat-open/juggler 0.7.0 (npm, the stock browser client of the Juggler protocol)
#
# Guess: a request that is longer than a segment is cut into segments and arrives as it was sent, whatever characters it has.
#
# Behaviour: the JSON text is cut by UTF-16 units. Where the cut falls between the two halves of a character beyond U+FFFF, each half is
# sent in a WebSocket text of its own, which turns it into U+FFFD. The request is accepted and its text is damaged.
#
# Why it matters: the default segment is 64 Ki units, so it takes a long request and a rare character: a name in Chinese, a symbol in a
# report, once in a while. The server gets valid JSON with two wrong letters and cannot know. Here the segment is short, to show it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent @hat-open/juggler@0.7.0 ws@8.23.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'

// The client is made for browsers; this is what it asks of one when it is loaded and connected.
Object.assign(globalThis, { WebSocket, window: globalThis, document: { addEventListener () {}, body: {} } })
const { Connection } = await import('@hat-open/juggler')

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
await once(server, 'listening')
server.on('connection', (socket) => {
  const parts = []
  socket.on('message', (message) => {
    const text = String(message)
    parts.push(text.slice(1))
    if (text[0] !== '0') return
    const { id, data } = JSON.parse(parts.splice(0).join(''))
    socket.send('0' + JSON.stringify({ type: 'response', id, success: true, data }))
  })
})

const length = JSON.stringify({ type: 'request', id: 1, name: 'note', data: '' }).length - 2
const connection = new Connection(`ws://127.0.0.1:${server.address().port}`, 5000, 5000, length + 1)
await once(connection, 'open')

console.log('Guess:     what arrives is what was sent')
console.log('Behaviour: a character on the edge of a segment becomes two U+FFFD')
const sent = ['\u{1D6E5}T = 5', 'x\u{1D6E5}T = 5']
const arrived = []
for (const text of sent) arrived.push(await connection.send('note', text))
for (const [index, text] of sent.entries()) console.log('Seen:     ', JSON.stringify(text), 'arrives as', JSON.stringify(arrived[index]))
assert.equal(arrived[0], '\uFFFD\uFFFDT = 5')
assert.equal(arrived[1], sent[1])
const closed = once(connection, 'close')
connection.close()
await closed
server.close()
JS
node check.mjs
