/** The users of an htpasswd file, read again when the file changes. */
import { readFile, stat } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import { FST_JUGGLER_HTPASSWD_UNREADABLE } from '../errors.ts'
import { parseHtpasswd } from './htpasswd.ts'
import type { UserTable } from './htpasswd.ts'

/** How often in ms the file is looked at. It must look the same twice before it is read: a file half written is not. */
const pollInterval = 500

/** Called with the users who were removed, or whose hash is another one now. */
export type UsersListener = (changed: ReadonlySet<string>) => void

/**
 * `fs.watch` misses files that are replaced by renaming, and mounts of containers; a `stat` twice a second does not.
 * A new file that cannot be read or parsed changes nothing, and is logged.
 */
export class UserFile {
  readonly #path: string
  readonly #log: FastifyBaseLogger
  readonly #listeners = new Set<UsersListener>()
  #users: UserTable = new Map()
  #bytes: Buffer = Buffer.alloc(0)
  /** What the file looked like when it was last read, or last failed to be. */
  #settled = ''
  /** What it looked like at the last look. */
  #seen = ''
  #timer: NodeJS.Timeout | undefined

  private constructor (path: string, log: FastifyBaseLogger) {
    this.#path = path
    this.#log = log
  }

  /** @throws FST_JUGGLER_HTPASSWD_UNREADABLE, FST_JUGGLER_HTPASSWD_INVALID */
  static async open (path: string, log: FastifyBaseLogger, reload: boolean, interval = pollInterval): Promise<UserFile> {
    const file = new UserFile(path, log)
    file.#settled = file.#seen = await file.#look()
    file.#accept(await file.#read())
    if (reload) file.#watch(interval)
    return file
  }

  get users (): UserTable {
    return this.#users
  }

  /** The bytes of the file that the users are from. */
  get bytes (): Buffer {
    return this.#bytes
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
    const look = await this.#look()
    const steady = look === this.#seen
    this.#seen = look
    if (!steady || look === this.#settled) return
    this.#settled = look
    const before = this.#users
    try {
      const bytes = await this.#read()
      // touched, or mended before anybody read what was broken
      if (bytes.equals(this.#bytes)) return
      this.#accept(bytes)
    } catch (err) {
      this.#log.error({ err }, 'the htpasswd file has changed but cannot be used; the users from before stay')
      return
    }
    const changed = new Set([...before].filter(([user, hash]) => this.#users.get(user)?.text !== hash.text).map(([user]) => user))
    this.#log.info({ users: this.#users.size, revoked: changed.size }, 'the htpasswd file has been read again')
    for (const listener of this.#listeners) listener(changed)
  }

  /** Everything about the file that changes with its content. */
  async #look (): Promise<string> {
    try {
      const { ino, size, mtimeNs, ctimeNs } = await stat(this.#path, { bigint: true })
      return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code)
    }
  }

  async #read (): Promise<Buffer> {
    try {
      return await readFile(this.#path)
    } catch (error) {
      throw new FST_JUGGLER_HTPASSWD_UNREADABLE(this.#path, String((error as NodeJS.ErrnoException).code))
    }
  }

  #accept (bytes: Buffer): void {
    this.#users = parseHtpasswd(bytes)
    this.#bytes = bytes
  }
}
