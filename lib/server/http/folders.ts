/** Checks of folders and files that options name, made at start. */
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
