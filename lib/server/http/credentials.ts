/** Reads the user and password of a Basic `Authorization` header (RFC 7617). */

export interface Credentials { readonly user: string, readonly password: string }

/**
 * What a header may mean, most likely first: UTF-8, as the challenge's `charset` asks for, and Latin-1, which some
 * clients send all the same. One reading where the two do not differ.
 */
export function readCredentials (header: string): Credentials[] {
  const bytes = Buffer.from(header.slice(header.indexOf(' ') + 1).trim(), 'base64')
  const readings: string[] = []
  try {
    // a byte order mark is part of the password here
    readings.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    // not UTF-8: Latin-1 alone is left
  }
  const latin1 = bytes.toString('latin1')
  if (latin1 !== readings[0]) readings.push(latin1)
  return readings.flatMap((text) => {
    const colon = text.indexOf(':')
    return colon === -1 ? [] : [{ user: text.slice(0, colon), password: text.slice(colon + 1) }]
  })
}
