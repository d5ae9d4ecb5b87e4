/** The server of the soak: a state that churns, requests, commands, and a door for those who measure. */
import Fastify from 'fastify'
import juggler, { createState } from 'fastify-juggler'

const devices = 500
const app = Fastify()
const device = (id) => ({ id, temperature: 20, status: 'idle', tags: ['a', 'b'] })
const state = createState({ tick: 0, devices: Array.from({ length: devices }, (_, id) => device(id)), alarms: {} })
await app.register(juggler, {
  state,
  autoflushDelay: 100,
  pingDelay: 2000,
  // A machine that does other things as well must not look like a client that has gone.
  pingTimeout: 30_000,
  framing: 'auto',
  maxBufferedBytes: 65536,
  exposeErrors: false,
  limits: { bytesPerSecond: 1_000_000 }
})

/** Of each command how often it ran, until it is asked for. */
let runs = new Map()
app.juggler.handle('double', (_connection, n) => n * 2)
app.juggler.handle('later', async (_connection, n) => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  return n
})
app.juggler.handle('failing', () => { throw new Error('broken') })
app.juggler.handle('start', { once: true }, (_connection, id) => {
  runs.set(id, (runs.get(id) ?? 0) + 1)
  return id
})
app.juggler.onConnection(async (connection) => {
  await connection.notify('hello', connection.id).catch(() => {})
})

let churning
const random = (n) => Math.floor(Math.random() * n)
function churn () {
  state.update((draft) => {
    draft.tick++
    for (let i = 0; i < 10; i++) draft.devices[random(draft.devices.length)].temperature = random(100)
    if (random(10) === 0) draft.devices.splice(random(draft.devices.length), 1)
    if (draft.devices.length < devices && random(3) === 0) draft.devices.splice(random(draft.devices.length), 0, device(random(1e6)))
    const alarm = `alarm ${random(50)}`
    if (random(2) === 0) draft.alarms[alarm] = { since: draft.tick }
    else delete draft.alarms[alarm]
  })
  if (random(20) === 0) app.juggler.broadcast('tick', state.get('/tick'))
}

const asked = {
  churn (isOn) {
    clearInterval(churning)
    churning = isOn ? setInterval(churn, 100) : undefined
  },
  state: () => state.stringify(),
  runs () {
    const answer = [...runs].filter(([, times]) => times !== 1)
    const { size } = runs
    runs = new Map()
    return { twice: answer, size }
  },
  async measure () {
    // Twice, so that what only a finalizer held goes as well.
    for (let i = 0; i < 3; i++) {
      globalThis.gc()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
    const { connections, buffered, limits, behind, flushes, traffic, commands } = app.juggler.stats()
    const handles = process.getActiveResourcesInfo()
    const count = (kind) => handles.filter((each) => each === kind).length
    return {
      heap: heapUsed,
      external: external + arrayBuffers,
      rss,
      cpu: process.cpuUsage(),
      sockets: count('TCPSocketWrap'),
      timers: count('Timeout'),
      connections,
      buffered,
      limits,
      behind,
      flushes: { messages: flushes.messages, deliveries: flushes.deliveries },
      traffic,
      commands
    }
  }
}
process.on('message', async ({ id, name, data }) => process.send({ id, data: await asked[name](data) }))
process.once('disconnect', () => process.exit())
await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ port: app.server.address().port })
