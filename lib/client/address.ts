/** Addresses of servers: checked, made `ws:` or `wss:`, with the query parameters of the protocol. */
import type { Framing } from '../../types/protocol.ts'
import { JugglerClientError } from '../errors.ts'

/** One server to try, and the framing to try it with. */
export interface Address {
  readonly url: URL
  /** Whether the other framing may be tried as well. */
  readonly auto: boolean
  /** What it is believed to speak. */
  framing: Framing
}

/**
 * @param input - an address or several
 * @param framing - the option; left out, an address may say it with `?framing=`
 * @param base - what relative addresses are relative to
 * @throws JugglerClientError `JUGGLER_ADDRESS_INVALID`
 */
export function addressesOf (input: unknown, framing: Framing | 'auto' | undefined, base: string | undefined): Address[] {
  const list: readonly unknown[] = Array.isArray(input) ? input : [input]
  if (list.length === 0) refuseAddress('none')
  return list.map((address) => {
    // A string, for the text of the error; so is a URL object.
    const text = String(address)
    if (!URL.canParse(text, base)) refuseAddress(text)
    const url = new URL(text, base)
    url.protocol = url.protocol.replace('http', 'ws')
    if (!/^wss?:/.test(url.protocol)) refuseAddress(text)
    // The WebSocket constructor refuses fragments.
    url.hash = ''
    const wish = framing ?? url.searchParams.get('framing')
    return { url, auto: wish === 'auto', framing: wish === 'segmented' ? wish : 'plain' }
  })
}

function refuseAddress (text: string): never {
  throw new JugglerClientError('JUGGLER_ADDRESS_INVALID', `an address is a ws:, wss:, http: or https: URL, not ${text}`)
}

/**
 * The URL to open. Our server speaks the framing that it names, and tells even an empty state (`announce`); stock
 * servers ignore both.
 */
export function urlOf ({ url, framing }: Address): string {
  const full = new URL(url)
  full.searchParams.set('framing', framing)
  full.searchParams.set('announce', '1')
  return full.href
}
