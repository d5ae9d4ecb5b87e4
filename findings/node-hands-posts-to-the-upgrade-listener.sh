#!/usr/bin/env bash
# Library: Node.js 20 to 24 (seen with 20.20), with curl as a stock HTTP client
#
# Guess: an `upgrade` listener concerns WebSockets. A POST that only says that it could speak HTTP/2 goes on to the request handler,
# for a server may ignore an Upgrade header (RFC 9110, 7.8).
#
# Behaviour: as soon as any upgrade listener exists, every request with an Upgrade header goes to it and to nothing else, its body
# unparsed in the third argument. Without the listener the same request is answered by the handler, body and all.
#
# Why it matters: `curl --http2` and Java's HttpClient add "Upgrade: h2c" to what they send in plain text. The day a dashboard gets its
# first WebSocket, a PLC gateway in Java can no longer post to it, and the route's tests, which use another client, still pass.
set -euo pipefail

major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 20 ] || [ "$major" -gt 24 ]; then echo "Missing: Node.js 20 to 24; this is $major" >&2; exit 2; fi
if ! command -v curl >/dev/null || ! curl --version | grep -qw HTTP2; then echo 'Missing: curl with HTTP/2' >&2; exit 2; fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'

async function post (listen) {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    response.end(`handler: ${body}`)
  })
  if (listen) {
    server.on('upgrade', (request, socket, head) => {
      const text = `upgrade: ${request.method}, ${request.headers.upgrade}, head "${head}"`
      socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
    })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/setpoint`
  const { stdout } = await promisify(execFile)('curl', ['--silent', '--noproxy', '*', '--http2', '--data', 'value=60', url])
  server.close()
  server.closeAllConnections()
  return stdout
}

console.log('Guess:     the handler answers in both cases')
console.log('Behaviour: the upgrade listener gets the POST as soon as there is one')
const without = await post(false)
const having = await post(true)
console.log('Seen:      without a listener:', without)
console.log('           with a listener:   ', having)
assert.equal(without, 'handler: value=60')
assert.equal(having, 'upgrade: POST, h2c, head "value=60"')
JS
node check.mjs
