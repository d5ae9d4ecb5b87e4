/** A web server for tests: a few texts by path. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import type { Test } from 'tap'

const types: Record<string, string> = { '': 'text/html', '.html': 'text/html', '.js': 'text/javascript', '.map': 'application/json', '.css': 'text/css' }

/** @returns its origin */
export async function site (t: Test, texts: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer(({ url = '/' }, response) => {
    const text = texts[url]
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': `${types[extname(url)] ?? 'text/plain'}; charset=utf-8` }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  }))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
