/** Addresses of servers: checked, made `ws:` or `wss:`, with the query parameters of the protocol. */
import type { Framing } from '../../types/protocol.ts'
import { refuse } from '../errors.ts'

/** One server to try, and the framing to try it with. */
export interface Address {
  readonly where: URL
  /** Whether the other framing may be tried as well. */
  readonly auto: boolean
  /** What it is believed to speak: plain framing, or segmented. */
  plain: boolean
  /** How many times its usual time it gets for an answer. */
  patience: number
}

/**
 * @param input - an address or several
 * @param framing - the option; left out, an address may say it with `?framing=`
 * @param base - what relative addresses are relative to
 * @throws JugglerClientError `JUGGLER_ADDRESS_INVALID`
 */
export function addressesOf (input: unknown, framing: Framing | 'auto' | undefined, base: string | undefined): Address[] {
  // An empty list stands for itself, which is no address.
  const list: readonly unknown[] = Array.isArray(input) && input.length ? input : [input]
  return list.map((address) => {
    let url: URL | undefined
    try {
      if (!Array.isArray(address)) url = new URL(address as string, base)
      url!.protocol = url!.protocol.replace('http', 'ws')
    } catch {}
    // What may be a password, or a token, is not for error messages.
    if (!/^wss?:/.test(String(url))) refuse('an address', String(address).replace(/.*@|[?#].*/gs, ''), 'a ws(s): or http(s): URL', 'JUGGLER_ADDRESS_INVALID')
    // The WebSocket constructor refuses fragments.
    url!.hash = ''
    const named = url!.searchParams.get('framing')
    // As text, or the rest would be encoded anew: it may be signed.
    url!.search += `${url!.search && '&'}${named === null ? 'framing&' : ''}announce=1`
    const wish = framing ?? named
    return { where: url!, auto: wish === 'auto', plain: wish !== 'segmented', patience: 1 }
  })
}

/**
 * The URL to open. Our server speaks the framing that it names, and tells even an empty state (`announce`); stock
 * servers ignore both.
 */
export function urlOf (address: Address): string {
  return address.where.href.replace(/([?&]framing)(=[^&]*)?&/, `$1=${address.plain ? 'plain' : 'segmented'}&`)
}
