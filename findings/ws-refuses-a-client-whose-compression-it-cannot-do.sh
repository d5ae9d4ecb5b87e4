#!/usr/bin/env bash
# Library: ws 8.23.0 (npm)
#
# Guess: a server that cannot compress as the client asks declines the extension, and the connection opens without compression
# (RFC 7692, 5.1). Compression is an offer.
#
# Behaviour: ws answers 400 and the connection does not open. It does so when its own options rule out every offer, for instance
# serverNoContextTakeover: false against a client that asks for it. A client that offers no compression at all gets in.
#
# Why it matters: that option is what one sets to save bandwidth with a shared context. Browsers still work. Go's gorilla and every
# client that asks for no context takeover, to save memory, are locked out with an error that speaks of a bad handshake.
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

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: { serverNoContextTakeover: false } })
await once(server, 'listening')
const connect = (perMessageDeflate) => new Promise((resolve) => {
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`, { perMessageDeflate })
  client.on('error', (error) => resolve(error.message))
  client.on('open', () => {
    resolve(`open with "${client.extensions}"`)
    client.close()
  })
})

console.log('Guess:     the third client is connected without compression')
console.log('Behaviour: it is refused')
const seen = {
  'no offer': await connect(false),
  'plain offer': await connect(true),
  'server_no_context_takeover': await connect({ serverNoContextTakeover: true })
}
for (const [offer, result] of Object.entries(seen)) console.log('Seen:     ', offer.padEnd(27), result)
assert.deepEqual(Object.values(seen), ['open with ""', 'open with "permessage-deflate"', 'Unexpected server response: 400'])
server.close()
JS
node check.mjs
