/** Addresses of servers: checked, made `ws:` or `wss:`, with the query parameters of the protocol. */
import type { Framing } from '../../types/protocol.ts'
import { refuse } from '../refuse.ts'

/** One server to try, and the framing to try it with. */
export interface Address {
  readonly where: URL
  /** Whether the other framing may be tried as well. */
  readonly auto: boolean
  /** The framing that the server is believed to speak: plain, or else segmented. */
  plain: boolean
  /** How many times the usual time the server gets for an answer. */
  patience: number
}

/**
 * @param input - an address or several
 * @param framing - the option; left out, an address may say it with `?framing=`
 * @param base - what relative addresses are relative to
 * @param client - a name that no other client has: it is told what the server knows of commands, and of its own ones only
 * @throws JugglerClientError `JUGGLER_ADDRESS_INVALID`
 */
export function addressesOf (
  input: unknown,
  framing: Framing | 'auto' | undefined,
  base: string | undefined,
  client: string
): Address[] {
  // An empty list is taken as one address, and refused as such below.
  const list: readonly unknown[] = Array.isArray(input) && input.length ? input : [input]
  return list.map((address) => {
    let url: URL | undefined
    try {
      if (!Array.isArray(address)) url = new URL(address as string, base)
      url!.protocol = url!.protocol.replace('http', 'ws')
    } catch {}
    if (!/^wss?:/.test(String(url))) {
      // The error shows the address without its credentials and its query: both may be secret.
      const shown = String(address).replace(/.*@|[?#].*/gs, '')
      refuse('an address', shown, 'a ws(s): or http(s): URL', 'JUGGLER_ADDRESS_INVALID')
    }
    // The WebSocket constructor refuses fragments.
    url!.hash = ''
    const named = url!.searchParams.get('framing')
    // The query is extended as text. URLSearchParams would encode the rest of it anew, and it may be signed.
    url!.search += `${url!.search && '&'}${named === null ? 'framing&' : ''}announce=1&journal=${client}`
    const wish = framing ?? named
    return { where: url!, auto: wish === 'auto', plain: wish !== 'segmented', patience: 1 }
  })
}

/**
 * The URL to open. Our server speaks the framing that it names, and tells even an empty state (`announce`) and
 * the name of its memory (`journal`); stock servers ignore all of that.
 */
export function urlOf (address: Address): string {
  return address.where.href.replace(/([?&]framing)(=[^&]*)?&/, `$1=${address.plain ? 'plain' : 'segmented'}&`)
}
