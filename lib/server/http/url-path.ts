/** Paths of URLs: joined with a prefix, and taken apart into the names of files. */

/** Without a prefix `/`, else what the prefix is without a slash at its end. */
export function joinPath (prefix: string, path: string): string {
  return `${prefix.replace(/\/+$/, '')}${path}` || '/'
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
