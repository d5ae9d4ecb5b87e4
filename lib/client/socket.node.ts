/** Node's WebSocket, from `ws`: credentials in a header, TLS verified unless told otherwise. */
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import { closeCodes } from '../protocol/close-codes.ts'
import type { CloseCode } from '../../types/protocol.ts'
import type { Environment, Socket, SocketEvents } from './environment.ts'
import { refuse } from './options.ts'
import type { Settings } from './options.ts'

export const node: Environment = {
  base: undefined,

  checkOptions ({ auth, tls }) {
    if (auth !== undefined) {
      if (typeof auth?.username !== 'string' || typeof auth.password !== 'string') refuse('auth', auth, '{ username, password }')
      // RFC 7617, section 2: the first colon ends the name.
      if (auth.username.includes(':')) refuse('auth.username', 'one that has one', 'without a colon')
    }
    if (tls !== undefined && (typeof tls !== 'object' || tls === null)) refuse('tls', tls, 'an object')
  },

  openSocket (url, settings, events) {
    return new NodeSocket(url, settings, events)
  },

  // A process does not sleep without its clock telling: the watchdog sees to that.
  watchWake: () => () => {}
}

class NodeSocket implements Socket {
  readonly #socket: WebSocket

  constructor (url: string, { auth, tls, maxPayload }: Settings, events: SocketEvents) {
    const options: ClientOptions & { servername?: string, closeTimeout: number } = {
      ...tls as object,
      // Said out loud, so that NODE_TLS_REJECT_UNAUTHORIZED does not decide it.
      rejectUnauthorized: tls?.rejectUnauthorized !== false,
      ...(auth && { headers: { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` } }),
      maxPayload,
      // A server that closes but keeps the TCP connection: the client must not look open for long.
      closeTimeout: 1000
    }
    const socket = this.#socket = new WebSocket(url, options)
    let cause: Error | undefined
    socket.on('open', () => events.onOpen())
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) events.onFault(closeCodes.unsupportedData)
      else events.onText(data.toString(), data.length)
    })
    socket.on('error', (error: Error & { code?: string }) => {
      cause = error
      const fault = faultOf(error.code)
      if (fault !== undefined) events.onFault(fault)
    })
    socket.on('close', (code, reason) => events.onClose(code, reason.toString(), cause))
  }

  send (text: string): void {
    // What goes up is small; a compressor for each connection would cost more memory than it saves bytes.
    this.#socket.send(text, { compress: false })
  }

  close (code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate (): void {
    this.#socket.terminate()
  }
}

/** The close code for what `ws` found wrong with a frame. */
function faultOf (code: string | undefined): CloseCode | undefined {
  if (!code?.startsWith('WS_ERR_')) return undefined
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return closeCodes.tooLarge
  if (code === 'WS_ERR_INVALID_UTF8') return closeCodes.invalidText
  return closeCodes.webSocketError
}
