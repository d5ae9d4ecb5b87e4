#!/usr/bin/env bash
# Library: @fastify/otel 0.21.2 with @fastify/websocket 11.3.7, fastify 5.12.8 and @opentelemetry/sdk-trace-node 2.12.1 (npm)
#
# Guess: every request of an instrumented app has a span that ends, at the latest when its connection does.
#
# Behaviour: the span of a request that becomes a WebSocket is started and never ended, not when the socket closes and not when the app
# does. Its children (hooks, handler) are ended and exported; their parent is missing.
#
# Why it matters: a dashboard's longest requests, its screens, are absent from the traces, each leaves children without a parent, and
# the numbers of requests that are made from spans show a plant that nobody looks at.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --no-audit --no-fund --ignore-scripts --prefer-offline --silent @fastify/otel@0.21.2 @fastify/websocket@11.3.7 fastify@5.12.8 @opentelemetry/sdk-trace-node@2.12.1 @opentelemetry/api@1.9.1 ws@8.23.0 ||
  { echo 'Missing: npm could not install the packages' >&2; exit 2; }

cat > check.mjs <<'JS'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import fastifyOtel from '@fastify/otel'
import websocket from '@fastify/websocket'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import Fastify from 'fastify'
import { WebSocket } from 'ws'

const open = new Set()
const ended = []
const processor = {
  onStart: (span) => open.add(span),
  onEnd: (span) => { open.delete(span); ended.push(span.name.split(' ')[0]) },
  forceFlush: async () => {},
  shutdown: async () => {}
}
const instrumentation = new fastifyOtel.FastifyOtelInstrumentation()
instrumentation.setTracerProvider(new NodeTracerProvider({ spanProcessors: [processor] }))

const app = Fastify()
await app.register(instrumentation.plugin())
await app.register(websocket)
await app.register(async function routes (scope) {
  scope.get('/plain', async () => 'text')
  scope.get('/socket', { websocket: true }, (socket) => socket.send('text'))
})
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address()

console.log('Guess:     both requests have a span that ends')
console.log('Behaviour: the one that became a WebSocket has none')
await (await fetch(`http://127.0.0.1:${port}/plain`)).text()
await sleep(200)
const plain = { ended: ended.splice(0).sort(), open: [...open].map((span) => span.name) }
const client = new WebSocket(`ws://127.0.0.1:${port}/socket`)
await once(client, 'message')
client.close()
await once(client, 'close')
await app.close()
await sleep(200)
const socket = { ended: ended.splice(0).sort(), open: [...open].map((span) => span.name) }
console.log('Seen:      plain request', JSON.stringify(plain))
console.log('           WebSocket    ', JSON.stringify(socket))
assert.ok(plain.ended.includes('request'))
assert.deepEqual(plain.open, [])
assert.ok(socket.ended.includes('handler') && !socket.ended.includes('request'))
assert.deepEqual(socket.open, ['request'])
JS
node check.mjs
