/** The hooks that keep other origins and other host names out, and the warning when nothing keeps anybody out. */
import { isIPv6 } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { OriginCheck } from '../../../types/options.ts'
import { FST_JUGGLER_HOST_REFUSED, FST_JUGGLER_ORIGIN_REFUSED } from '../errors.ts'
import { hostCheck, originCheck } from './origins.ts'
import { whyRefused } from './origin-advice.ts'
import { isRenewal } from './renewal.ts'

export interface AccessOptions {
  readonly allowedOrigins: true | readonly string[] | OriginCheck | undefined
  readonly allowedHosts: readonly string[] | undefined
  /** Whether a request is on the WebSocket route, upgrade or not. */
  readonly isSocketRoute: (request: FastifyRequest) => boolean
  readonly noCache: boolean
}

/** Refuses (403) requests of other hosts on every route of the scope, and upgrades and renewals from other origins. */
export function restrictAccess (scope: FastifyInstance, options: AccessOptions): void {
  const hostAllowed = options.allowedHosts && hostCheck(options.allowedHosts)
  const originAllowed = originCheck(options.allowedOrigins)

  scope.addHook('onRequest', async (request, reply) => {
    if (hostAllowed?.(request) === false) {
      request.log.warn({ host: request.host }, "refused: the host is not in the option 'allowedHosts'")
      if (options.noCache) reply.header('cache-control', 'no-cache')
      throw new FST_JUGGLER_HOST_REFUSED()
    }
    if ((request.ws || isRenewal(request)) && options.isSocketRoute(request) && !await originAllowed(request)) {
      request.log.warn({ origin: request.headers.origin, host: request.host },
        `refused: ${whyRefused(request, options.allowedOrigins)}`)
      if (options.noCache) reply.header('cache-control', 'no-cache')
      throw new FST_JUGGLER_ORIGIN_REFUSED()
    }
  })
}

/** Warns once the app listens beyond loopback. */
export function warnWhenOpen (scope: FastifyInstance): void {
  scope.addHook('onListen', async () => {
    const open = scope.addresses().find((address) => !isLoopback(address))
    if (open === undefined) return
    scope.log.warn({ address: open }, "everybody on this network can connect: set 'htpasswdFile' (or hooks in 'route') " +
      "for authentication, or at least 'allowedHosts' against DNS rebinding")
  })
}

/** Whether only this machine can reach an address; the path of a Unix socket counts as such. */
export function isLoopback (address: AddressInfo | string): boolean {
  if (typeof address === 'string') return true
  return isIPv6(address.address) ? /^(?:::1|::ffff:127\..*)$/i.test(address.address) : address.address.startsWith('127.')
}
