/** The browser's WebSocket. */
import { refuse } from '../errors.ts'
import type { Environment, Socket } from './environment.ts'

type Target = Pick<EventTarget, 'addEventListener'>

/** A worker has no document, and none of these is certain. */
const page = globalThis as Partial<Target> & { document?: Target, location?: { href: string } }

export const browser: Environment = {
  base: page.location?.href,

  check (options) {
    if (options.auth !== undefined) refuse('auth', 'given', 'left to the login of the page', 'JUGGLER_AUTH_BROWSER')
    if (options.tls !== undefined) refuse('tls', 'given', 'left to the browser')
  },

  open (url) {
    const socket = new WebSocket(url) as Socket & WebSocket
    // No close follows where the page's policy has blocked it; elsewhere its code would be the same.
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
