/** Checks of folders and files at start, and the path that a URL stands for. */
import { realpathSync, statSync } from 'node:fs'
import { relative, resolve, sep, isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FST_JUGGLER_SECRET_EXPOSED, FST_JUGGLER_STATIC_DIR } from '../errors.ts'

/** A file URL, an absolute path, or one relative to the working directory, as an absolute path. */
export function toPath (file: string | URL): string {
  if (file instanceof URL || file.startsWith('file:')) return fileURLToPath(file)
  return resolve(file)
}

/**
 * The real path of the folder to serve.
 *
 * @throws FST_JUGGLER_STATIC_DIR missing, or no folder
 */
export function staticRoot (staticDir: string | URL): string {
  const path = toPath(staticDir)
  let root: string
  try {
    root = realpathSync(path)
  } catch (error) {
    throw new FST_JUGGLER_STATIC_DIR(`cannot open '${path}' (${(error as NodeJS.ErrnoException).code})`)
  }
  if (!statSync(root).isDirectory()) throw new FST_JUGGLER_STATIC_DIR(`'${path}' is not a folder`)
  return root
}

/**
 * Makes sure that a file with secrets is not served.
 *
 * @throws FST_JUGGLER_SECRET_EXPOSED
 */
export function assertNotServed (option: string, file: string, root: string): void {
  // both where the file is and where a link stands that leads to it
  const places = [file]
  try {
    places.push(realpathSync(file))
  } catch {
    // a missing file is reported by those who read it
  }
  try {
    const parent = realpathSync(resolve(file, '..'))
    places.push(resolve(parent, file.slice(file.lastIndexOf(sep) + 1)))
  } catch {
    // as above
  }
  if (places.some((place) => isInside(root, place))) throw new FST_JUGGLER_SECRET_EXPOSED(option)
}

/** Whether a path is a folder or lies in it; both absolute, links resolved. */
export function isInside (root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
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
