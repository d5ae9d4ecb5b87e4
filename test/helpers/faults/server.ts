/** A server in a process of its own, whose state changes twenty times a second. */
import { appendFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import juggler, { createState } from 'fastify-juggler'
import type { FastifyJugglerOptions } from 'fastify-juggler'
import { answerParent, block, jump } from './child.ts'

export interface Start {
  port?: number
  host?: string
  options?: FastifyJugglerOptions
  /** Options of TLS; none: plain. */
  https?: object
  /** A file that commands leave a line in when they run: it outlives this process. */
  runs?: string
}

export interface Probe {
  /** Bytes in use after a collection. */
  heap: number
  buffers: number
  /** What keeps the process alive, by kind. */
  resources: Record<string, number>
  connections: number
  /** Lines of the log at `error` and above. */
  errors: string[]
}

const tick = 50
/** Of the state that is long: see the query `big`. */
const bigLength = 8 * 1024 * 1024

const state = createState<Record<string, unknown>>({ revision: 0, text: '', values: {}, list: [] })
const big = createState<Record<string, unknown>>({ revision: 0, filling: 'ü'.repeat(bigLength / 2) })
const errors: string[] = []
let app: FastifyInstance
let revision = 0
let timer: NodeJS.Timeout | undefined

const logger = {
  level: 'info',
  stream: new Writable({
    write (chunk, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean)) if (JSON.parse(line).level >= 50) errors.push(line)
      done()
    }
  })
}

function change (): void {
  revision++
  state.update((draft) => {
    const { values, list } = draft as { values: Record<string, number>, list: number[] }
    draft['revision'] = revision
    draft['text'] = `änderung ${revision}`
    values[`v${revision % 50}`] = revision
    list.push(revision)
    if (list.length > 10) list.splice(revision % 10, 1)
  })
  big.set('/revision', revision)
}

function go (): void {
  timer ??= setInterval(change, tick)
}

answerParent({
  block,
  jump,
  go,
  /** @returns the port */
  async start ({ port = 0, host = '127.0.0.1', options, https, runs }: Start) {
    app = Fastify({ logger, forceCloseConnections: true, ...(https && { https }) } as object) as FastifyInstance
    await app.register(juggler, {
      state: (request) => Object(request.query).big === '1' ? big : state,
      autoflushDelay: 20,
      ...options
    })
    app.juggler.handle('ask', (_connection, data) => data)
    app.juggler.handle('never', () => new Promise(() => {}))
    app.juggler.handle('limited', { timeout: 300 }, () => new Promise(() => {}))
    app.juggler.handle<{ id: number, ms: number }>('start', { once: true }, async (_connection, { id, ms }) => {
      if (runs !== undefined) appendFileSync(runs, `${id}\n`)
      await new Promise((resolve) => setTimeout(resolve, ms))
      return id
    })
    await app.listen({ port, host })
    go()
    return (app.server.address() as { port: number }).port
  },
  /** Changes no more. @returns the state */
  hold (isBig: boolean) {
    clearInterval(timer)
    timer = undefined
    return (isBig ? big : state).stringify()
  },
  connections: () => app.juggler.connections.size,
  probe (): Probe {
    for (let i = 0; i < 2; i++) globalThis.gc!()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    const resources: Record<string, number> = {}
    for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
    return { heap: heapUsed, buffers: arrayBuffers, resources, connections: app.juggler.connections.size, errors }
  },
  /** @returns how long it took in ms */
  async close () {
    const start = performance.now()
    await app.close()
    return performance.now() - start
  }
})
