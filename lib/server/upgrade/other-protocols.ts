/** Serves requests that offer another protocol than WebSocket as if they offered none (RFC 9110, section 7.8). */
import { Server as HttpServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Server, Socket } from 'node:net'
import { answerText } from './answer-text.ts'
import { FST_JUGGLER_HEADERS_UNSERVABLE } from '../errors.ts'

type ShouldUpgrade = (request: IncomingMessage) => boolean
type DecidingServer = object & { shouldUpgradeCallback?: ShouldUpgrade }

/** Java's HttpClient and `curl --http2` offer h2c with every request, bodies included. WebSocket begins with a GET. */
export function isWebSocketOffer ({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  return method === 'GET' && headers.upgrade?.trim().toLowerCase() === 'websocket'
}

const deciding = new WeakSet<object>()

/**
 * Has a server of Node 22.21, 24.9 or newer take nothing but WebSocket for an upgrade. It parses all else as usual.
 * Older ones have no such choice: see `serveAgain`.
 */
export function takeWebSocketOnly (server: DecidingServer): void {
  const { shouldUpgradeCallback: previous } = server
  if (typeof previous !== 'function' || deciding.has(server)) return
  deciding.add(server)
  server.shouldUpgradeCallback = (request) => isWebSocketOffer(request) && previous.call(server, request)
}

/**
 * Gives a connection back to its HTTP server, with the request in front of what has not been read. Node has stopped
 * parsing behind the header, so that the body is still among these bytes.
 *
 * The request must be the connection's oldest without an answer.
 *
 * @param fallback - where the socket does not tell its server
 */
export function serveAgain (request: IncomingMessage, socket: Socket, head: Buffer, fallback: Server): void {
  const { server = fallback } = socket as Socket & { server?: Server }
  const header = headerText(request, server as { maxHeadersCount?: number | null })
  if (header === undefined) {
    socket.on('error', () => {})
    socket.end(answerText(new FST_JUGGLER_HEADERS_UNSERVABLE()), () => socket.destroy())
    return
  }
  takeWebSocketOnly(server)
  // an idle connection's timeout was set when the answer before this was out
  socket.setTimeout(0)
  socket.unshift(Buffer.concat([Buffer.from(header, 'latin1'), head]))
  // documented for HTTP; the servers of HTTPS and HTTP/2 begin to parse at the other one
  server.emit(server instanceof HttpServer ? 'connection' : 'secureConnection', socket)
}

/**
 * The header of a request as text. Without the option `upgrade` of `Connection` it asks for none; `Upgrade` stays, for
 * who wants to see it.
 *
 * @returns `undefined` where Node may have dropped a header, such as the length of the body: what was sent as a body
 * would be taken for another request
 */
function headerText ({ method, url, httpVersion, rawHeaders }: IncomingMessage, { maxHeadersCount }: { maxHeadersCount?: number | null }): string | undefined {
  const max = (maxHeadersCount ?? nodeMaxHeaders) * 2
  if (max > 0 && rawHeaders.length >= max) return undefined
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    const value = name.toLowerCase() === 'connection' ? withoutUpgrade(rawHeaders[i + 1]!) : rawHeaders[i + 1]!
    if (value !== undefined) lines.push(`${name}: ${value}`)
  }
  // a server with a lenient parser may let such through
  if (lines.some((line) => /[\r\n\0]/.test(line))) return undefined
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** How many headers Node keeps where the server does not say. */
const nodeMaxHeaders = 1000

function withoutUpgrade (connection: string): string | undefined {
  const options = connection.split(',').map((option) => option.trim()).filter((option) => option.toLowerCase() !== 'upgrade')
  return options.length > 0 ? options.join(', ') : undefined
}
