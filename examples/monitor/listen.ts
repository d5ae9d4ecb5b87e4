/** Listens on loopback, on the next port where one is taken. */
import { createServer } from 'node:net'
import type { FastifyInstance } from 'fastify'

export async function listenOnFreePort (app: FastifyInstance, first: number): Promise<string> {
  for (let port = first; port < Math.min(first + 100, 65536); port++) {
    if (!await isFree(port)) continue
    await app.listen({ host: 'localhost', port })
    return `http://localhost:${port}`
  }
  throw new Error(`no free port from ${first} on`)
}

/** `localhost` is two addresses: a port that is taken on one of them would show a page of somebody else. */
async function isFree (port: number): Promise<boolean> {
  const results = await Promise.all(['127.0.0.1', '::1'].map(async (host) => tryPort(host, port)))
  return !results.includes('EADDRINUSE') && results.includes('free')
}

async function tryPort (host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    probe.listen({ host, port }, () => probe.close(() => resolve('free')))
  })
}
