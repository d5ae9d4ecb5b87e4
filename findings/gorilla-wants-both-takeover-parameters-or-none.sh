#!/usr/bin/env bash
# Library: github.com/gorilla/websocket 1.5.0 (Debian golang-github-gorilla-websocket-dev)
#
# Guess: with EnableCompression the client takes any answer that fits its offer, and goes on without compression if it cannot use it.
# Its offer of client_no_context_takeover is a hint: RFC 7692, 7.1.1.2, lets the server leave it out of the answer.
#
# Behaviour: an answer with server_no_context_takeover alone ends the connection on the client's side: "invalid compression
# negotiation". Both parameters are fine, and so is no compression at all.
#
# Why it matters: a server that answers only what it must works with browsers, Python and Node, and no client in Go that has compression
# switched on can connect. Answer both to an offer of both.
set -euo pipefail

pinned=1.5.0
packages=(golang-github-gorilla-websocket-dev golang-go)
for package in "${packages[@]}"; do
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ]; then
    if [ "$(id -u)" != 0 ]; then echo "Missing: the Debian package $package; install it as root" >&2; exit 2; fi
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends "$package" >/dev/null ||
      { echo "Missing: the Debian package $package could not be installed" >&2; exit 2; }
  fi
done
version=$(dpkg-query -W -f '${Version}' "${packages[0]}")
case "$version" in "$pinned"-*) ;; *) echo "Missing: ${packages[0]} $pinned; this is $version" >&2; exit 2 ;; esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/gorilla/websocket"
)

func main() {
	dialer := websocket.Dialer{EnableCompression: true}
	connection, _, err := dialer.Dial(os.Args[1], nil)
	if err != nil {
		fmt.Print(err)
		return
	}
	fmt.Print("connected")
	connection.Close()
}
GO
GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode GOCACHE="$folder/cache" go build -o client main.go

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'

let answer
let offer
const server = createServer()
server.on('upgrade', ({ headers }, socket) => {
  offer = headers['sec-websocket-extensions']
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.on('error', () => {}).on('end', () => socket.end())
  socket.write([
    'HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`,
    ...(answer ? [`Sec-WebSocket-Extensions: ${answer}`] : []), '', ''
  ].join('\r\n'))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const run = async (extensions) => {
  answer = extensions
  return (await promisify(execFile)('./client', [`ws://127.0.0.1:${server.address().port}`])).stdout
}

console.log('Guess:     each of the answers lets the client in')
console.log('Behaviour: with one parameter of two it gives up')
const one = await run('permessage-deflate; server_no_context_takeover')
const both = await run('permessage-deflate; server_no_context_takeover; client_no_context_takeover')
const none = await run('')
console.log('Seen:      offer:', offer)
console.log('           answered server_no_context_takeover:', one)
console.log('           answered both:', both)
console.log('           answered nothing:', none)
assert.equal(offer, 'permessage-deflate; server_no_context_takeover; client_no_context_takeover')
assert.equal(one, 'websocket: invalid compression negotiation')
assert.equal(both, 'connected')
assert.equal(none, 'connected')
server.close()
server.closeAllConnections()
JS
node check.mjs
