/** Ticket cookies: with one, browsers that send no Basic credentials on a WebSocket (Safari) upgrade after a page load. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { UserFile } from './user-file.ts'

/** How long in seconds a ticket is good for; loading a page again, or a GET of the WebSocket path, gets a new one. */
export const ticketLifetime = 3600

export interface TicketOptions {
  /**
   * The WebSocket path, as the route has it: browsers send the cookie there alone, and a ticket of one path is void on
   * another.
   */
  readonly path: string
  readonly secret?: string | Uint8Array | undefined
  readonly now?: () => number
}

/**
 * A ticket is `user.expiry.mac`. The key comes from the bytes of the htpasswd file unless `ticketSecret` is set, so
 * all nodes with one file agree with nothing to configure. The user's hash goes into the MAC: a ticket is void
 * as soon as its user is removed or has another password, with either key.
 *
 * Cookies are shared by all ports of a host. So the name of the cookie says, by a digest, which path and which key it
 * is for: two panels on one host do not overwrite each other's.
 */
export class Tickets {
  readonly #file: UserFile
  readonly #options: TicketOptions
  /**
   * When users were last seen to be gone, or to have another hash: one who comes back with the old hash would make old
   * tickets good again. Nobody is in here for longer than a ticket lives.
   */
  readonly #left = new Map<string, { at: number, gone: boolean }>()
  #key: Buffer = Buffer.alloc(0)
  #name = ''

  constructor (file: UserFile, options: TicketOptions) {
    this.#file = file
    this.#options = options
    this.#deriveKey()
    file.onChange((revoked) => {
      this.#deriveKey()
      this.#noteLeavers(revoked)
    })
  }

  /** The name of the cookie. */
  get name (): string {
    return this.#name
  }

  /**
   * The value of a `Set-Cookie` header.
   *
   * @param path - of the WebSocket as the browser sees it and a cookie can hold it, where it is not the route's
   */
  issue (user: string, secure: boolean, path = cookiePath(this.#options.path)): string {
    const expires = this.#now() + ticketLifetime * 1000
    const name = Buffer.from(user).toString('base64url')
    const value = `${name}.${expires}.${this.#mac(user, String(expires)).toString('base64url')}`
    const attributes = [`Path=${path}`, `Max-Age=${ticketLifetime}`, 'HttpOnly', 'SameSite=Strict']
    if (secure) attributes.push('Secure')
    return [`${this.#name}=${value}`, ...attributes].join('; ')
  }

  /** The user of the first valid ticket in a `Cookie` header. */
  verify (header: string | undefined): string | undefined {
    for (const pair of header?.split(';') ?? []) {
      const [name, value] = pair.trim().split('=', 2)
      if (name !== this.#name || value === undefined) continue
      const user = this.#userOf(value)
      if (user !== undefined) return user
    }
    return undefined
  }

  #userOf (value: string): string | undefined {
    const [name, expires, mac] = value.split('.')
    if (name === undefined || expires === undefined || mac === undefined || !/^\d{1,15}$/.test(expires)) return undefined
    const user = Buffer.from(name, 'base64url').toString()
    const given = Buffer.from(mac, 'base64url')
    const expected = this.#mac(user, expires)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    return this.#isInTime(user, Number(expires)) && this.#file.users.has(user) ? user : undefined
  }

  #isInTime (user: string, expires: number): boolean {
    const left = this.#left.get(user)
    return expires > this.#now() && (left === undefined || expires - ticketLifetime * 1000 > left.at)
  }

  #noteLeavers (revoked: ReadonlySet<string>): void {
    const now = this.#now()
    for (const [user, left] of this.#left) {
      if (now - left.at > ticketLifetime * 1000) this.#left.delete(user)
      else if (left.gone && this.#file.users.has(user)) this.#left.set(user, { at: now, gone: false })
    }
    for (const user of revoked) this.#left.set(user, { at: now, gone: !this.#file.users.has(user) })
  }

  #mac (user: string, expires: string): Buffer {
    const hash = this.#file.users.get(user)?.text ?? null
    const signed = JSON.stringify([this.#options.path, user, expires, hash])
    return createHmac('sha256', this.#key).update(signed).digest()
  }

  #deriveKey (): void {
    const material = this.#options.secret ?? this.#file.bytes
    const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', material, '', purpose, 32))
    this.#key = derive('fastify-juggler ticket')
    const digest = createHmac('sha256', derive('fastify-juggler ticket name')).update(this.#options.path).digest('base64url')
    this.#name = `juggler-ticket-${digest.slice(0, 10)}`
  }

  #now (): number {
    return this.#options.now?.() ?? Date.now()
  }
}

/**
 * What browsers compare with the path of a URL (RFC 6265, section 5.1.4): encoded as there, and only so far as it is the
 * same for all requests and can stand in the attribute.
 */
export function cookiePath (path: string): string {
  const segments = path.split('/')
  const end = segments.findIndex((segment) => /[:*;]/.test(segment))
  const fixed = end === -1 ? path : segments.slice(0, end).join('/') || '/'
  // what browsers have encoded stays as it is
  return encodeURI(Buffer.from(fixed).toString()).replaceAll('%25', '%')
}
