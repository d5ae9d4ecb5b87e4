/** Node's WebSocket, from `ws`: credentials in a header, TLS verified unless told otherwise. */
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import { closeCodes } from '../protocol/close-codes.ts'
import { refuse } from '../errors.ts'
import { ProtocolFault } from '../protocol/fault.ts'
import { closeCodeOf } from '../protocol/ws-errors.ts'
import type { Environment, Socket } from './environment.ts'

export const node: Environment = {
  check ({ auth, tls, signal, reconnect }) {
    // Whatever was given is not for error messages.
    if (auth !== undefined) {
      if (typeof auth?.username !== 'string' || typeof auth.password !== 'string') refuse('auth', typeof auth, '{ username, password }, two strings')
      // RFC 7617, section 2: the first colon ends the name.
      if (auth.username.includes(':')) refuse('auth.username', 'one with a colon', 'a name without a colon')
    }
    if (tls !== undefined && (typeof tls !== 'object' || tls === null)) refuse('tls', typeof tls, 'an object')
    // In a page these two are what JavaScript makes of them: its file is small.
    if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') refuse('signal', typeof signal, 'an AbortSignal')
    if (typeof reconnect !== 'boolean' && (typeof reconnect !== 'object' || reconnect === null)) refuse('reconnect', reconnect, 'a boolean or an object')
  },

  open (url, { auth, tls, maxPayload }, onFault, failure) {
    const options: ClientOptions & { servername?: string, closeTimeout: number } = {
      ...tls as object,
      // Said out loud, so that NODE_TLS_REJECT_UNAUTHORIZED does not decide it.
      rejectUnauthorized: tls?.rejectUnauthorized !== false,
      ...(auth && { headers: { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}` } }),
      // With the header of a segment; the decoders know the very limit.
      maxPayload: maxPayload + 1,
      // A server that closes but keeps the TCP connection: the client must not look open for long.
      closeTimeout: 1000
    }
    const socket = new WebSocket(url, options)
    socket.on('error', (error: Error & { code?: string }) => {
      const { code } = error
      if (code?.startsWith('WS_ERR_')) onFault(new ProtocolFault(closeCodeOf(error)))
      // That it was closed before it opened is our own doing where nothing came in time.
      else if (failure.info.code !== closeCodes.pingTimeout.code) failure.trouble ??= error
    })
    return socket as Socket
  }
}
