/** HTTP Basic authentication of a scope: its routes, 404s and upgrades, for which a ticket cookie serves as well. */
import basicAuth from '@fastify/basic-auth'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readCredentials } from './credentials.ts'
import { HashQueue } from './hash-queue.ts'
import { Login } from './login.ts'
import { isPageLoad } from './page-load.ts'
import type { PublicPath } from './public-path.ts'
import { isRenewal, renewedPath } from './renewal.ts'
import { cookiePath, Tickets } from './tickets.ts'
import { UserFile } from './user-file.ts'

export interface AuthenticationOptions {
  readonly htpasswdFile: string
  readonly htpasswdReload: boolean
  readonly ticketSecret?: string | Uint8Array | undefined
  /** What browsers show in their dialog, and by which they keep passwords apart. */
  readonly realm: string
  /** The full WebSocket path in the app, to which tickets are bound. */
  readonly socketPath: string
  /** The same as the browser of a request sees it, where that is known. */
  readonly publicSocketPath: PublicPath
  /** Whether a request is on the WebSocket route, upgrade or not. */
  readonly isSocketRoute: (request: FastifyRequest) => boolean
  readonly noCache: boolean
}

export interface Authentication {
  /** Whether the credentials that a request came with are still those in the file. */
  isCurrent (request: FastifyRequest): boolean
  /** Calls the listener whenever requests that had been let in may not be current any more. */
  onRevoked (listener: () => void): void
}

type BasicAuthHook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void

/** Who a request is from, and by which hash that was found. */
interface Identity { readonly user: string, readonly hash: string | undefined }

/**
 * Puts a scope under authentication. A route opts out with `config: { juggler: { auth: false } }`.
 *
 * @throws FST_JUGGLER_HTPASSWD_UNREADABLE, FST_JUGGLER_HTPASSWD_INVALID
 */
export async function authenticate (scope: FastifyInstance, options: AuthenticationOptions): Promise<Authentication> {
  const file = await UserFile.open(options.htpasswdFile, scope.log, options.htpasswdReload)
  const login = new Login(file, new HashQueue((err) => {
    scope.log.warn({ err }, 'no thread for checking passwords: slow hashes hold up the event loop')
  }))
  const tickets = new Tickets(file, { path: options.socketPath, secret: options.ticketSecret })
  const identities = new WeakMap<FastifyRequest, Identity>()

  const identify = (request: FastifyRequest, user: string): void => {
    identities.set(request, { user, hash: file.users.get(user)?.text })
    request.jugglerUser = user
  }

  // In a scope of its own: a second registration, or the app's own @fastify/basic-auth, has the decorator as well
  const basic = await captureBasicAuth(scope, options.realm, async (request) => {
    identify(request, await login.check(readCredentials(request.headers.authorization ?? ''), request.ip))
  })

  if (!scope.hasRequestDecorator('jugglerUser')) scope.decorateRequest('jugglerUser', undefined)
  scope.addHook('onRequest', (request, reply, done) => {
    if (optsOut(request)) return done()
    const { authorization, cookie } = request.headers
    if (authorization === undefined && (request.ws || isRenewal(request)) && options.isSocketRoute(request)) {
      const user = tickets.verify(cookie)
      if (user !== undefined) {
        identify(request, user)
        return done()
      }
    }
    basic(request, reply, (error) => {
      if (error !== undefined) {
        if (options.noCache) reply.header('cache-control', 'no-cache')
        if (isLater(error)) reply.header('retry-after', '1')
        return done(error)
      }
      if (wantsTicket(request, options.isSocketRoute)) {
        const secure = request.protocol === 'https'
        reply.header('set-cookie', tickets.issue(request.jugglerUser as string, secure, ticketPath(request, options)))
      }
      done()
    })
  })
  scope.addHook('onClose', async () => {
    file.close()
    await login.close()
  })

  return {
    isCurrent: (request) => {
      const identity = identities.get(request)
      return identity === undefined || (identity.hash !== undefined && file.isCurrent(identity.user, identity.hash))
    },
    onRevoked: (listener) => { file.onChange(listener) }
  }
}

type CredentialCheck = (request: FastifyRequest) => Promise<void>

async function captureBasicAuth (scope: FastifyInstance, realm: string, check: CredentialCheck): Promise<BasicAuthHook> {
  let hook: BasicAuthHook | undefined
  await scope.register(async (inner) => {
    await inner.register(basicAuth, {
      // a quoted string of a header (RFC 9110, section 5.6.4): what it cannot hold would make every answer fail
      authenticate: { realm: realm.replace(/[^\x20-\x7e]|["\\]/gu, '_') },
      validate: async (_user, _password, request) => { await check(request) }
    })
    hook = inner.basicAuth as BasicAuthHook
  })
  return hook as unknown as BasicAuthHook
}

/** Whether a route has said that it does without. */
function optsOut (request: FastifyRequest): boolean {
  return request.routeOptions.config.juggler?.auth === false
}

/** Page loads get a ticket, and a plain GET of the WebSocket path, by which a page that stays open gets a new one. */
function wantsTicket (request: FastifyRequest, isSocketRoute: (request: FastifyRequest) => boolean): boolean {
  return request.method === 'GET' && !request.ws && (isSocketRoute(request) || isPageLoad(request))
}

/** What the browser itself says goes first: it knows what it asks for. */
function ticketPath (request: FastifyRequest, { publicSocketPath, isSocketRoute }: AuthenticationOptions): string | undefined {
  const said = isRenewal(request) && isSocketRoute(request) ? renewedPath(request) : undefined
  if (said !== undefined) return said
  const path = publicSocketPath(request)
  return path === undefined ? undefined : cookiePath(path)
}

function isLater (error: Error & { statusCode?: number }): boolean {
  return error.statusCode === 429 || error.statusCode === 503
}
