/** The browser's WebSocket. */
import { JugglerClientError } from '../errors.ts'
import { closeCodes } from '../protocol/close-codes.ts'
import type { Environment, Socket, SocketEvents } from './environment.ts'

type Target = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>

/** Workers have no document, and none of these is certain. */
const page = globalThis as Partial<Target> & { document?: Target & { hidden?: boolean }, location?: { href: string } }

export const browser: Environment = {
  get base () {
    return page.location?.href
  },

  checkOptions ({ auth, tls }) {
    if (auth !== undefined) {
      throw new JugglerClientError('JUGGLER_AUTH_BROWSER', 'a browser sends no credentials of ours with a WebSocket: leave auth out, and serve the page from the same server and under the same login')
    }
    if (tls !== undefined) {
      throw new JugglerClientError('JUGGLER_OPTION_INVALID', 'tls is for Node: a browser verifies certificates by itself')
    }
  },

  openSocket (url, _settings, events) {
    return new BrowserSocket(new WebSocket(url), events)
  },

  watchWake (wake) {
    const { document } = page
    const shown = () => { if (!document!.hidden) wake() }
    page.addEventListener?.('online', wake)
    page.addEventListener?.('pageshow', wake)
    document?.addEventListener('visibilitychange', shown)
    document?.addEventListener('resume', wake)
    return () => {
      page.removeEventListener?.('online', wake)
      page.removeEventListener?.('pageshow', wake)
      document?.removeEventListener('visibilitychange', shown)
      document?.removeEventListener('resume', wake)
    }
  }
}

class BrowserSocket implements Socket {
  readonly #socket: WebSocket

  constructor (socket: WebSocket, events: SocketEvents) {
    this.#socket = socket
    socket.onopen = () => events.onOpen()
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') events.onText(data)
      else events.onFault(closeCodes.unsupportedData)
    }
    socket.onclose = ({ code, reason }) => events.onClose(code, reason)
  }

  send (text: string): void {
    this.#socket.send(text)
  }

  close (code: number, reason: string): void {
    // A page may send 1000 and its own codes, no others.
    this.#socket.close(code === 1000 || code >= 3000 ? code : closeCodes.protocolError.code, reason)
  }

  /** The browser goes on closing by itself; we no longer listen. */
  terminate (): void {
    const socket = this.#socket
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }
}
