/** Node's WebSocket, from `ws`: credentials in a header, TLS verified unless told otherwise. */
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import * as closeCodes from '../protocol/close-codes.ts'
import { refuse } from '../refuse.ts'
import { ProtocolFault } from '../protocol/fault.ts'
import { closeCodeOf } from '../protocol/ws-errors.ts'
import type { Environment, Socket } from './environment.ts'

export const node: Environment = {
  check ({ auth, tls, signal, reconnect, resume, storage }) {
    // No error message shows what was given: it may hold a password.
    if (auth !== undefined) {
      if (typeof auth?.username !== 'string' || typeof auth.password !== 'string') {
        refuse('auth', typeof auth, '{ username, password }, two strings')
      }
      // RFC 7617, section 2: the first colon ends the user name.
      if (auth.username.includes(':')) refuse('auth.username', 'one with a colon', 'a name without a colon')
    }
    if (tls !== undefined && (typeof tls !== 'object' || tls === null)) refuse('tls', typeof tls, 'an object')
    // Pages do without these checks: their file is to be small.
    if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
      refuse('signal', typeof signal, 'an AbortSignal')
    }
    if (storage !== undefined && typeof storage !== 'function') {
      refuse('storage', typeof storage, "what stateStorage of 'fastify-juggler/storage' makes")
    }
    if (typeof reconnect !== 'boolean' && (typeof reconnect !== 'object' || reconnect === null)) {
      refuse('reconnect', reconnect, 'a boolean or an object')
    }
    if (resume !== undefined && typeof resume !== 'boolean') refuse('resume', resume, 'a boolean')
  },

  open (url, { auth, tls, maxPayload }, onFault, failure) {
    const credentials = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
    const options: ClientOptions & { servername?: string, closeTimeout: number } = {
      ...tls as object,
      // Always set, so that NODE_TLS_REJECT_UNAUTHORIZED does not decide it.
      rejectUnauthorized: tls?.rejectUnauthorized !== false,
      ...(credentials !== undefined && { headers: { authorization: `Basic ${credentials}` } }),
      // One more for the header of a segment. The decoders hold the exact limit.
      maxPayload: maxPayload + 1,
      // A server may close but keep the TCP connection: the client must not wait for that long.
      closeTimeout: 1000
    }
    const socket = new WebSocket(url, options)
    socket.on('unexpected-response', (_request, { statusCode }) => {
      failure.status = statusCode
      failure.trouble = Object.assign(new Error(`the server answered ${statusCode}`), { status: statusCode })
      socket.terminate()
    })
    socket.on('error', (error: Error & { code?: string }) => {
      const { code } = error
      if (code?.startsWith('WS_ERR_')) onFault(new ProtocolFault(closeCodeOf(error)))
      // Where nothing came in time, the client itself closed the socket before it opened: that error says nothing.
      else if (failure.info.code !== closeCodes.pingTimeout.code) failure.trouble ??= error
    })
    return socket as Socket
  }
}
