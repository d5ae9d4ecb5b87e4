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
}

/**
 * @param input - an address or several
 * @param framing - the option; left out, an address may say it with `?framing=`
 * @param base - what relative addresses are relative to
 * @throws JugglerClientError `JUGGLER_ADDRESS_INVALID`
 */
export function addressesOf (input: unknown, framing: Framing | 'auto' | undefined, base: string | undefined): Address[] {
  const list: unknown[] = [input].flat()
  // An empty list gets an address that is none.
  return (list.length ? list : ['ws:']).map((address) => {
    let url: URL | undefined
    try {
      url = new URL(address as string, base)
      url!.protocol = url!.protocol.replace('http', 'ws')
    } catch {}
    // What may be a password, or a token, is not for error messages.
    if (!/^wss?:/.test(String(url))) refuse('an address', typeof address === 'string' ? address.replace(/\/\/.*@|\?.*/gs, '') : address, 'a ws(s): or http(s): URL', 'JUGGLER_ADDRESS_INVALID')
    // The WebSocket constructor refuses fragments.
    url!.hash = ''
    const named = url!.searchParams.get('framing')
    // As text, or the rest would be encoded anew: it may be signed.
    url!.search += `${url!.search && '&'}${named === null ? 'framing&' : ''}announce=1`
    const wish = framing ?? named
    return { where: url!, auto: wish === 'auto', plain: wish !== 'segmented' }
  })
}

/**
 * The URL to open. Our server speaks the framing that it names, and tells even an empty state (`announce`); stock
 * servers ignore both.
 */
export function urlOf ({ where, plain }: Address): string {
  return where.href.replace(/([?&]framing)(=[^&]*)?&/, `$1=${plain ? 'plain' : 'segmented'}&`)
}
