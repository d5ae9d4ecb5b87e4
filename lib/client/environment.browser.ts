/** The browser's WebSocket. */
import { refuse } from '../refuse.ts'
import type { Environment, Socket } from './environment.ts'

type Target = Pick<EventTarget, 'addEventListener'>

/** A worker has no document, and other runtimes may lack the rest as well. */
const page = globalThis as Partial<Target> & { document?: Target, location?: { href: string } }

export const browser: Environment = {
  base: page.location?.href,

  check (options) {
    if (options.auth !== undefined) refuse('auth', 'given', 'left to the login of the page', 'JUGGLER_AUTH_BROWSER')
    if (options.tls !== undefined) refuse('tls', 'given', 'left to the browser')
  },

  open (url) {
    const socket = new WebSocket(url) as Socket & WebSocket
    // Where the page's policy has blocked the socket, no close event follows. Elsewhere one would, with the same code.
    socket.onerror = () => socket.onclose!({ code: 1006, reason: '' } as CloseEvent)
    return socket
  },

  watchWake (wake) {
    const watch = new AbortController()
    page.addEventListener?.('online', wake, watch)
    page.document?.addEventListener('visibilitychange', wake, watch)
    return () => watch.abort()
  }
}
