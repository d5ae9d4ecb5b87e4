/** The users of an htpasswd file, read again when it changes: new ones at once, removed ones when it is finished. */
import { readFile } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import { FST_JUGGLER_HTPASSWD_UNREADABLE } from '../errors.ts'
import { lookAt } from './file-watch.ts'
import type { Look } from './file-watch.ts'
import { parseHtpasswd } from './htpasswd.ts'
import type { UserTable } from './htpasswd.ts'
import { Stillness, stillnessTimes } from './stillness.ts'
import type { StillnessTimes } from './stillness.ts'

export interface ReloadTimes extends StillnessTimes {
  /** How often in ms the file is looked at. */
  readonly interval: number
}

export const reloadTimes: ReloadTimes = Object.freeze({ interval: 500, ...stillnessTimes })

/** Called with the users who were removed, or whose hash is another one now; with none where users were added. */
export type UsersListener = (revoked: ReadonlySet<string>) => void

interface Content { readonly bytes: Buffer, readonly users: UserTable }

/**
 * `fs.watch` misses files that are replaced by renaming, and mounts of containers; a `stat` twice a second does not.
 * A new file that cannot be read or parsed changes nothing, and is logged.
 */
export class UserFile {
  readonly #path: string
  readonly #log: FastifyBaseLogger
  readonly #listeners = new Set<UsersListener>()
  /** The last file that was finished. */
  #settled: Content
  #users: UserTable
  #stillness: Stillness
  /** The key of the last look. */
  #seen: string
  /** What is wrong with the file, and the key of the look that this was logged for. */
  #problem: Error | undefined
  #told = ''
  #timer: NodeJS.Timeout | undefined

  private constructor (path: string, log: FastifyBaseLogger, look: Look, content: Content, times: ReloadTimes) {
    this.#path = path
    this.#log = log
    this.#settled = content
    this.#users = content.users
    this.#stillness = new Stillness(look, times)
    this.#seen = look.key
  }

  /** @throws FST_JUGGLER_HTPASSWD_UNREADABLE, FST_JUGGLER_HTPASSWD_INVALID */
  static async open (path: string, log: FastifyBaseLogger, reload: boolean, times = reloadTimes): Promise<UserFile> {
    const look = await lookAt(path)
    const file = new UserFile(path, log, look, await read(path), times)
    if (reload) file.#watch(times.interval)
    return file
  }

  /** Who may log in. Users who are missing from a file that is still being written are in here. */
  get users (): UserTable {
    return this.#users
  }

  /** The bytes of the last file that was finished. */
  get bytes (): Buffer {
    return this.#settled.bytes
  }

  /** Whether a user who was let in by a hash may stay: also while a file that says otherwise is not finished. */
  isCurrent (user: string, hash: string): boolean {
    return this.#users.get(user)?.text === hash || this.#settled.users.get(user)?.text === hash
  }

  onChange (listener: UsersListener): void {
    this.#listeners.add(listener)
  }

  /** Stops looking. Idempotent. */
  close (): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#listeners.clear()
  }

  #watch (interval: number): void {
    this.#timer = setTimeout(() => {
      void this.#poll().then(() => { if (this.#timer !== undefined) this.#watch(interval) })
    }, interval).unref()
  }

  async #poll (): Promise<void> {
    const look = await lookAt(this.#path)
    const isNew = look.key !== this.#seen
    this.#seen = look.key
    const finished = this.#stillness.finished(look, performance.now())
    // what is wrong with a file is logged when it has looked the same twice: half a line is wrong as well
    if (!isNew) this.#reportProblem()
    if (isNew || finished) await this.#take(look, finished)
  }

  async #take (look: Look, finished: boolean): Promise<void> {
    let content: Content
    try {
      content = await read(this.#path)
      this.#problem = undefined
    } catch (error) {
      this.#problem = error as Error
      if (!finished) return
      this.#reportProblem()
      this.#stillness.settle()
      return
    }
    // written to while it was read: the next look tells
    if ((await lookAt(this.#path)).key !== look.key) return
    const before = [...this.#settled.users, ...this.#users]
    const revoked = new Set(before.filter(([user, hash]) => content.users.get(user)?.text !== hash.text).map(([user]) => user))
    if (finished || revoked.size === 0) this.#settle(content, revoked)
    else this.#merge(content)
  }

  #settle (content: Content, revoked: ReadonlySet<string>): void {
    this.#stillness.settle()
    // touched, or as it was before somebody wrote to it
    const same = content.bytes.equals(this.#settled.bytes)
    this.#settled = content
    this.#users = content.users
    if (same && revoked.size === 0) return
    this.#log.info({ users: this.#users.size, revoked: revoked.size }, 'the htpasswd file has been read again')
    for (const listener of this.#listeners) listener(revoked)
  }

  /** Lets in who is new, and shows nobody out yet. */
  #merge ({ users }: Content): void {
    this.#users = new Map([...this.#settled.users, ...this.#users, ...users])
    for (const listener of this.#listeners) listener(new Set())
  }

  #reportProblem (): void {
    if (this.#problem === undefined || this.#told === this.#seen) return
    this.#told = this.#seen
    this.#log.error({ err: this.#problem }, 'the htpasswd file has changed but cannot be used; the users from before stay')
  }
}

/** @throws FST_JUGGLER_HTPASSWD_UNREADABLE, FST_JUGGLER_HTPASSWD_INVALID */
async function read (path: string): Promise<Content> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new FST_JUGGLER_HTPASSWD_UNREADABLE(path, String((error as NodeJS.ErrnoException).code))
  }
  return { bytes, users: parseHtpasswd(bytes) }
}
