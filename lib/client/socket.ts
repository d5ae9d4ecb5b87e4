/** The browser's WebSocket. */
import { JugglerClientError } from '../errors.ts'
import type { Environment, Socket } from './environment.ts'

type Target = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>

/** A worker has no document, and none of these is certain. */
const page = globalThis as Partial<Target> & { document?: Target, location?: { href: string } }

export const browser: Environment = {
  base: page.location?.href,

  check ({ auth, tls }) {
    if (auth !== undefined) {
      throw new JugglerClientError('JUGGLER_AUTH_BROWSER', 'a browser takes no credentials for a WebSocket: leave auth out, and serve the page from the same server, under the same login')
    }
    if (tls !== undefined) throw new JugglerClientError('JUGGLER_OPTION_INVALID', 'tls is for Node; a browser verifies by itself')
  },

  open: (url) => new WebSocket(url) as Socket,

  watchWake (wake) {
    const sources = [[page, 'online'], [page, 'pageshow'], [page.document, 'resume'], [page.document, 'visibilitychange']] as const
    for (const [target, event] of sources) target?.addEventListener?.(event, wake)
    return () => { for (const [target, event] of sources) target?.removeEventListener?.(event, wake) }
  }
}
