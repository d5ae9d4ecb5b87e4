/** Stock WebSocket clients of other makers read messages that were deflated with the one before them as dictionary. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { createState } from '../../lib/index.ts'
import { applyOperations } from '../../lib/state/patching/apply.ts'
import { createReplicaTree } from '../../lib/state/replica/replica-tree.ts'
import type { JsonValue } from '../../types/json.ts'
import type { State } from '../../types/state.ts'
import { startApp } from '../helpers/app.ts'
import { canonical } from '../helpers/server/fake-client.ts'

const reader = (name: string): string => fileURLToPath(new URL(`../fixtures/readers/${name}`, import.meta.url))
const cache = mkdtempSync(join(tmpdir(), 'juggler-go-'))
t.teardown(() => rmSync(cache, { recursive: true, force: true }))
// Debian has the sources of Go's packages, and no modules.
const go = { GOPATH: '/usr/share/gocode', GO111MODULE: 'off', GOCACHE: cache, GOFLAGS: '' }

const major = Number(process.versions.node.split('.')[0])

const readers: Record<string, { run: string, args: string[], env?: Record<string, string>, agreed?: RegExp }> = {
  'Python, websockets': { run: '/usr/bin/python3', args: [reader('with-websockets.py')], agreed: /PerMessageDeflate\(remote_no_context_takeover=False/ },
  'Python, aiohttp': { run: '/usr/bin/python3', args: [reader('with-aiohttp.py')], agreed: /15/ },
  // It connects only where both sides give up their context.
  'Go, gorilla': { run: '/usr/bin/go', args: ['run', reader('gorilla.go')], env: go, agreed: /server_no_context_takeover; client_no_context_takeover/ },
  'Go, nhooyr': { run: '/usr/bin/go', args: ['run', reader('nhooyr.go')], env: go, agreed: /permessage-deflate; client_no_context_takeover/ },
  Node: { run: process.execPath, args: [...major < 22 ? ['--experimental-websocket', '--no-warnings'] : [], reader('of-node.mjs')] }
}

for (const [name, { run, args, env, agreed }] of Object.entries(readers)) {
  t.test(name, async (t) => {
    const state = createState<Record<string, JsonValue>>({ values: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`d${i}`, i])), noise: '' })
    const { app, origin } = await startApp(t, { juggler: { state: state as unknown as State, compression: true, autoflushDelay: 0 } })
    const child = spawn(run, [...args, `${origin}/ws`], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    t.teardown(() => { child.kill('SIGKILL') })
    let said = ''
    child.stderr.on('data', (data: Buffer) => { said += String(data) })
    const ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    const tree = createReplicaTree()
    let messages = 0
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { type, diff } = JSON.parse(line) as { type: string, diff: unknown[] }
      if (type === 'state') applyOperations(tree, diff)
      messages++
    })
    while (messages === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10))
    for (let i = 0; i < 60; i++) {
      state.set(['values', `d${i * 71 % 500}`], i * 1.37 + 0.5)
      if (i % 20 === 10) {
        state.set('/noise', Array.from({ length: 40_000 }, (_, k) => String.fromCharCode(33 + (k * k * 31 + i) % 90)).join(''))
        app.juggler.broadcast('n', 'x'.repeat(3000))
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    state.set('/end', true)
    t.equal(await ended, 0, said)
    t.ok(messages > 10, `${messages} messages`)
    t.equal(canonical(tree.root), canonical(state.data as JsonValue))
    if (agreed !== undefined) t.match(said, agreed)
  })
}
