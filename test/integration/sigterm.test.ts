/** A process that is told to end lets its handlers come to their end, and ends: the recipes of docs/operations.md. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { connectPeer } from '../helpers/peer.ts'

// own process, from source: the servers are processes of their own, beside this file

for (const recipe of ['plain', 'grace']) {
  t.test(recipe, async (t) => {
    const server = fork(fileURLToPath(new URL('../helpers/sigterm/server.mjs', import.meta.url)), [recipe], { execArgv: [] })
    t.teardown(() => server.kill('SIGKILL'))
    const [{ port }] = await once(server, 'message') as [{ port: number }]
    const idle = await connectPeer(t, `ws://127.0.0.1:${port}/ws`)
    const busy = await connectPeer(t, `ws://127.0.0.1:${port}/ws`)
    const running = once(server, 'message')
    busy.request(1, 'slow', 1000)
    await running
    const exit = once(server, 'exit')
    server.kill('SIGTERM')
    t.match(await idle.closed, { code: 1001 })
    t.match(await busy.next(), { id: 1, success: true, data: 'done' }, 'it had its time')
    t.match(await busy.closed, { code: 1001 })
    t.same(await exit, [0, null])
  })
}
