/** Ticket cookies: what lets browsers that send no Basic credentials on a WebSocket (Safari) upgrade after a page load. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { UserFile } from './user-file.ts'

export const ticketCookie = 'juggler-ticket'
/** How long in seconds a ticket is good for; loading a page again, or a GET of the WebSocket path, gets a new one. */
export const ticketLifetime = 3600

export interface TicketOptions {
  /** The WebSocket path, as the route has it: browsers send the cookie there alone, and a ticket of one path is void on another. */
  readonly path: string
  readonly secret?: string | Uint8Array | undefined
  readonly now?: () => number
}

/**
 * A ticket is `user.expiry.mac`. The key comes from the bytes of the htpasswd file unless `ticketSecret` is set, so
 * all nodes with one file agree with nothing to configure. The user's hash goes into the MAC: a ticket is void
 * as soon as its user is removed or has another password, with either key.
 */
export class Tickets {
  readonly #file: UserFile
  readonly #options: TicketOptions
  #key: Buffer

  constructor (file: UserFile, options: TicketOptions) {
    this.#file = file
    this.#options = options
    this.#key = this.#deriveKey()
    file.onChange(() => { this.#key = this.#deriveKey() })
  }

  /**
   * The value of a `Set-Cookie` header.
   *
   * @param path - of the WebSocket as the browser sees it, where that is known to differ from the route's
   */
  issue (user: string, secure: boolean, path = cookiePath(this.#options.path)): string {
    const expires = Math.floor(this.#now() / 1000) + ticketLifetime
    const name = Buffer.from(user).toString('base64url')
    const value = `${name}.${expires}.${this.#mac(user, String(expires)).toString('base64url')}`
    const attributes = [`Path=${path}`, `Max-Age=${ticketLifetime}`, 'HttpOnly', 'SameSite=Strict']
    if (secure) attributes.push('Secure')
    return [`${ticketCookie}=${value}`, ...attributes].join('; ')
  }

  /** The user of the first valid ticket in a `Cookie` header. */
  verify (header: string | undefined): string | undefined {
    for (const pair of header?.split(';') ?? []) {
      const [name, value] = pair.trim().split('=', 2)
      if (name !== ticketCookie || value === undefined) continue
      const user = this.#userOf(value)
      if (user !== undefined) return user
    }
    return undefined
  }

  #userOf (value: string): string | undefined {
    const [name, expires, mac] = value.split('.')
    if (name === undefined || expires === undefined || mac === undefined || !/^\d{1,12}$/.test(expires)) return undefined
    const user = Buffer.from(name, 'base64url').toString()
    const given = Buffer.from(mac, 'base64url')
    const expected = this.#mac(user, expires)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    return Number(expires) * 1000 > this.#now() && this.#file.users.has(user) ? user : undefined
  }

  #mac (user: string, expires: string): Buffer {
    const hash = this.#file.users.get(user)?.text ?? null
    return createHmac('sha256', this.#key).update(JSON.stringify([this.#options.path, user, expires, hash])).digest()
  }

  #deriveKey (): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#options.secret ?? this.#file.bytes, '', 'fastify-juggler ticket', 32))
  }

  #now (): number {
    return this.#options.now?.() ?? Date.now()
  }
}

/**
 * What browsers compare with the path of a URL (RFC 6265, section 5.1.4): encoded as there, and only so far as it is the
 * same for all requests and can stand in the attribute.
 */
function cookiePath (path: string): string {
  const segments = path.split('/')
  const end = segments.findIndex((segment) => /[:*;]/.test(segment))
  return encodeURI(end === -1 ? path : segments.slice(0, end).join('/') || '/')
}
