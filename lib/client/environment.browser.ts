/** The browser's WebSocket, the page around it, and the page's login. */
import { refuse } from '../refuse.ts'
import type { Environment, Socket } from './environment.ts'
import { obstacleOf } from './obstacles.ts'

type Target = Pick<EventTarget, 'addEventListener'>

/** A worker has no document, and other runtimes may lack the rest as well. */
const page = globalThis as Partial<Target> & { document?: Target, location?: { href: string, origin: string } }

export const browser: Environment = {
  base: page.location?.href,

  check (options) {
    if (options.auth !== undefined) refuse('auth', 'given', 'left to the browser', 'JUGGLER_AUTH_BROWSER')
    if (options.tls !== undefined) refuse('tls', 'given', 'left to the browser')
  },

  open (url) {
    const socket = new WebSocket(url) as Socket & WebSocket
    // Where the page's policy has blocked the socket, no close event follows. Elsewhere one would, with the same code.
    socket.onerror = () => socket.onclose!({ code: 1006, reason: '' } as CloseEvent)
    return socket
  },

  async renewLogin (url, signal) {
    const target = new URL(url)
    target.protocol = target.protocol.replace('ws', 'http')
    // Another origin's login is not this page's, and a page would need its permission to ask.
    if (target.origin !== page.location?.origin) return
    // A kiosk may have been started with them in its page's address. `fetch` refuses them, and sends what is known anyway.
    target.username = target.password = ''
    const response = await fetch(target, {
      // With this header the server leaves out the challenge that would open a login dialog on a wall screen. It tells
      // the path for which the browser is to keep the ticket: behind a proxy the server may see another one.
      headers: { 'x-juggler-renew': target.pathname },
      cache: 'no-store',
      redirect: 'manual',
      signal
    })
    const { status } = response
    if (status === 204) return 'renewed'
    const isPage = response.headers.get('content-type')?.startsWith('text/html')
    if (status === 401 || (status === 403 && !isPage)) {
      const { code } = Object(await response.json().catch(() => {})) as { code?: unknown }
      return code === 'FST_JUGGLER_UNAUTHORIZED' ? 'refused' : obstacleOf(status)
    }
    // The answer is of no interest, and would hold its connection for as long as nobody reads it.
    response.body?.cancel().catch(() => {})
    // oauth2-proxy, for one, answers 403 with its login page. Pages of other statuses tell of a proxy's own trouble.
    return response.type === 'opaqueredirect' || (isPage && (response.ok || status === 403)) ? 'redirect' : undefined
  },

  watchPage ({ onWake, onLeave, onReturn }) {
    const watch = new AbortController()
    page.addEventListener?.('online', onWake, watch)
    page.document?.addEventListener('visibilitychange', onWake, watch)
    page.addEventListener?.('pagehide', onLeave, watch)
    page.addEventListener?.('pageshow', onReturn, watch)
    return () => watch.abort()
  }
}
