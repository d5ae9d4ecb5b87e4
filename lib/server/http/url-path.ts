/** Paths of URLs: joined with a prefix, told from the rest, and taken apart into the names of files. */

/** Without a prefix `/`, else what the prefix is without a slash at its end. */
export function joinPath (prefix: string, path: string): string {
  return `${prefix.replace(/\/+$/, '')}${path}` || '/'
}

/**
 * The path of a request's URL. In the absolute form (RFC 9112, section 3.2.2), which is for proxies and which servers
 * have to take as well, scheme and host are left out: they are the client's word.
 */
export function pathOfUrl (url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] as string
}

/** The query of a URL with its `?`, or nothing. */
export function queryOfUrl (url: string): string {
  return /\?[^#]*/.exec(url)?.[0] ?? ''
}

/** A URL as a header can hold it: what is not visible ASCII is encoded, what is encoded stays. */
export function toAscii (url: string): string {
  // half of a surrogate pair cannot be encoded: this way it becomes a question mark of Unicode
  return Buffer.from(url).toString().replace(/[^\x21-\x7e]+/g, encodeURIComponent)
}

/**
 * The segments of a URL's path below a prefix, decoded once.
 *
 * @returns `undefined` for what is not to be served: not UTF-8, a NUL, a backslash or a colon (a drive, an alternate
 * stream), an encoded slash, `.` and `..`, a name that begins with a dot, an empty segment
 */
export function urlSegments (url: string, prefixLength: number): string[] | undefined {
  const query = url.search(/[?#]/)
  const path = url.slice(prefixLength, query === -1 ? undefined : query)
  let decoded: string[]
  try {
    decoded = path.split('/').map((segment) => decodeURIComponent(segment))
  } catch {
    return undefined
  }
  // eslint-disable-next-line no-control-regex
  return decoded.some((segment) => segment === '' || segment.startsWith('.') || /[\u0000-\u001f\u007f/\\:]/.test(segment)) ? undefined : decoded
}
