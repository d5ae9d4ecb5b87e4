/** Two servers behind a proxy are replaced one after the other, while screens watch and commands are sent. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTcp, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { connect } from '../../lib/client/index.ts'
import type { Client } from '../../types/client.ts'
import { get } from '../helpers/http.ts'

// own process, from source: the servers are processes of their own, beside this file

const screens = 200
const commandsPerSecond = 20
/** In ms. On an idle machine it is some 1,200; what runs beside this test makes it longer, and says nothing. */
const longestStale = 10_000

interface Server { readonly child: ChildProcess, readonly port: number }

async function startServer (t: Test, onRun: (id: number) => void): Promise<Server> {
  const child = fork(fileURLToPath(new URL('../helpers/rolling/server.mjs', import.meta.url)), { execArgv: [] })
  t.teardown(() => child.kill('SIGKILL'))
  const port = await new Promise<number>((resolve) => {
    child.on('message', (message: { port?: number, ran?: number }) => {
      if (message.port !== undefined) resolve(message.port)
      if (message.ran !== undefined) onRun(message.ran)
    })
  })
  return { child, port }
}

/** Hands connections to the servers that say that they are ready, in turn. */
async function startProxy (t: Test, servers: Set<Server>): Promise<number> {
  let ready: Server[] = []
  let next = 0
  const look = async (): Promise<void> => {
    const answers = await Promise.all([...servers].map(async (server) => ({
      server,
      isReady: await get(`http://127.0.0.1:${server.port}`, '/ready').then(({ status }) => status === 200, () => false)
    })))
    ready = answers.filter(({ isReady }) => isReady).map(({ server }) => server)
  }
  await look()
  const timer = setInterval(look, 50)
  const sockets = new Set<Socket>()
  const proxy = createServer((near) => {
    const server = ready[next++ % ready.length]
    if (server === undefined) {
      near.destroy()
      return
    }
    const far = connectTcp(server.port, '127.0.0.1')
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => { sockets.delete(from) })
      from.pipe(to)
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    clearInterval(timer)
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  return (proxy.address() as AddressInfo).port
}

/** How long (ms) a client has shown an old state at most. */
function watchAge (client: Client): () => number {
  let since: number | undefined
  let longest = 0
  const end = (): void => {
    if (since === undefined || client.stale) return
    longest = Math.max(longest, performance.now() - since)
    since = undefined
  }
  client.onStatus((status) => { if (status === 'reconnecting') since ??= performance.now() })
  client.state.onChange(end)
  return () => since === undefined ? longest : Math.max(longest, performance.now() - since)
}

t.test(`${screens} screens and ${commandsPerSecond} commands a second: none is lost, and no screen is stale for long`, async (t) => {
  const runs = new Map<number, number>()
  const start = (): Promise<Server> => startServer(t, (id) => runs.set(id, (runs.get(id) ?? 0) + 1))
  const servers = new Set(await Promise.all([start(), start()]))
  const port = await startProxy(t, servers)
  const clients = await Promise.all(Array.from({ length: screens }, () => connect(`ws://127.0.0.1:${port}/ws`)))
  t.teardown(() => Promise.all(clients.map((client) => client.close())))
  await Promise.all(clients.map((client) => client.ready))
  const ages = clients.map(watchAge)

  let isOver = false
  const answers: Array<Promise<unknown>> = []
  const commanding = (async () => {
    for (let id = 0; !isOver; id++) {
      const client = clients[id % screens]!
      // A screen without a connection refuses commands: an operator sees that, and waits.
      if (client.status === 'open') answers.push(client.send('start', id, { key: true, expires: 20_000 }).then((answer) => answer === id ? 'done' : `${answer} for ${id}`, (error: Error) => `${id}: ${error.message}`))
      await sleep(1000 / commandsPerSecond)
    }
  })()
  for (const server of [...servers]) {
    const replacement = await start()
    servers.add(replacement)
    server.child.kill('SIGTERM')
    const [code] = await once(server.child, 'exit')
    t.equal(code, 0, 'it ends by itself')
    servers.delete(server)
  }
  isOver = true
  await commanding
  const outcomes = await Promise.all(answers)
  t.ok(outcomes.length > 20, `${outcomes.length} commands`)
  t.same(outcomes.filter((outcome) => outcome !== 'done'), [], 'each was carried out')
  t.same([...runs].filter(([, times]) => times !== 1), [], 'and once')
  t.equal(runs.size, outcomes.length)
  while (clients.some((client) => client.stale)) await sleep(5)
  const longest = Math.max(...ages.map((age) => age()))
  t.ok(longest < longestStale && longest > 0, `stale for ${Math.round(longest)} ms at most`)
})
