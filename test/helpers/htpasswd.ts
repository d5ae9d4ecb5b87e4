/** Makes htpasswd lines, files and `Authorization` headers. */
import { createHash } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A `{SHA}` line: the form that takes no time to check. */
export function shaLine (user: string, password: string): string {
  return `${user}:{SHA}${createHash('sha1').update(password).digest('base64')}\n`
}

/** A file in the test's folder with a line for each user. */
export function htpasswdFile (folder: string, users: Record<string, string>, name = 'htpasswd'): string {
  const path = join(folder, name)
  writeFileSync(path, Object.entries(users).map(([user, password]) => shaLine(user, password)).join(''))
  return path
}

/** Puts a file in the place of another in one step, so that those who are not in it lose their connections at once. */
export function replaceFile (path: string, content: string): void {
  writeFileSync(`${path}.next`, content)
  renameSync(`${path}.next`, path)
}

/** For tests that wait for a file to be read again, and do not mind how it was written. */
export const quickReload = Object.freeze({ interval: 10, still: 60, longest: 1000, replaced: 20 })

export function basic (user: string, password: string, encoding: BufferEncoding = 'utf8'): string {
  return `Basic ${Buffer.from(`${user}:${password}`, encoding).toString('base64')}`
}
