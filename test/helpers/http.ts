/** HTTP requests exactly as written: no path is tidied up, no header added, nothing is followed. */
import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface Answer { status: number, headers: IncomingHttpHeaders, body: string }

/** @param origin - as of `startApp`, `ws:` or `http:` */
export async function get (origin: string, path: string, options: { method?: string, headers?: OutgoingHttpHeaders, localAddress?: string } = {}): Promise<Answer> {
  const { hostname, port } = new URL(origin)
  return await new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, agent: false, ...options }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => { body += chunk })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end()
  })
}

/** What the server sends on a connection for these bytes, until it ends the connection. */
export async function exchange (origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin)
  return await new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(Number(port), hostname, () => { socket.write(bytes, 'latin1') })
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => { received += chunk })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}
