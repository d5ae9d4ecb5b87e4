/** What keeps a client from its server although somebody is there: told once, not at every attempt. */
import type { ErrorCode } from '../errors.ts'
import { JugglerClientError } from '../errors.ts'
import type { Address } from './address.ts'

/**
 * What stands between this client and its server, as an answer over HTTP shows it.
 *
 * - `login`: the server wants credentials, or others
 * - `redirect`: something in front of the server answers with a redirect or a page of its own, as login proxies do
 */
export type Obstacle = 'login' | 'redirect'

/** The obstacle that an HTTP status by itself is a sign of. */
export function obstacleOf (status: number | undefined): Obstacle | undefined {
  if (status === 401) return 'login'
  return status! >= 300 && status! < 400 && status !== 304 ? 'redirect' : undefined
}

const loginErrors: Readonly<Record<Obstacle, readonly [code: ErrorCode, what: string]>> = {
  login: ['JUGGLER_LOGIN_REQUIRED', 'wants a login'],
  redirect: ['JUGGLER_LOGIN_REDIRECTED', 'answers with a redirect or a page: log in there']
}

/** Tells of the framing and of each login once for each address, and of a login again after a connection in between. */
export interface Obstacles {
  login (address: Address, obstacle: Obstacle): JugglerClientError
  framing (address: Address): void
  /** A connection to the address is open: what is wrong with its login from now on is news. */
  opened (address: Address): void
}

/** @param report - called with each error that is news */
export function createObstacles (report: (error: JugglerClientError) => void): Obstacles {
  const told = new Map<Address, Set<ErrorCode>>()

  const tell = (address: Address, code: ErrorCode, what: string) => {
    const error = new JugglerClientError(code, `${address.where.host}${address.where.pathname} ${what}`)
    const codes = told.get(address) ?? new Set()
    told.set(address, codes)
    if (!codes.has(code)) report(error)
    codes.add(code)
    return error
  }

  return {
    login: (address, obstacle) => tell(address, ...loginErrors[obstacle]),

    framing (address) {
      tell(address, 'JUGGLER_FRAMING_SUSPECTED', "closes when sent something: try framing: 'auto'")
    },

    opened (address) {
      for (const [code] of Object.values(loginErrors)) told.get(address)?.delete(code)
    }
  }
}
