/** Decides whether credentials are right: throttled, remembered, and as slow for unknown users as for wrong passwords. */
import { FST_JUGGLER_LOGIN_BUSY, FST_JUGGLER_THROTTLED, FST_JUGGLER_UNAUTHORIZED } from '../errors.ts'
import { HashQueue } from './hash-queue.ts'
import { dummyHash } from './htpasswd.ts'
import { maxPasswordBytes } from './password-check.ts'
import { SuccessCache } from './success-cache.ts'
import { Throttle, throttleKey } from './throttle.ts'
import type { Credentials } from './credentials.ts'
import type { PasswordHash } from './htpasswd.ts'
import type { UserFile } from './user-file.ts'

export class Login {
  readonly #file: UserFile
  readonly #queue: HashQueue
  readonly #cache: SuccessCache
  readonly #throttle: Throttle
  /** Checks under way: many sockets of one user that reconnect at once share one. */
  readonly #pending = new Map<string, Promise<string>>()
  #dummy: PasswordHash

  constructor (file: UserFile, queue = new HashQueue(), throttle = new Throttle(), cache = new SuccessCache()) {
    this.#queue = queue
    this.#file = file
    this.#throttle = throttle
    this.#cache = cache
    this.#dummy = dummyHash(file.users)
    file.onChange(() => {
      this.#cache.clear()
      this.#dummy = dummyHash(file.users)
    })
  }

  /**
   * The name of the user whose credentials these are.
   *
   * @param readings - what the header may mean, most likely first
   * @param ip - the client's address
   * @throws FST_JUGGLER_UNAUTHORIZED, FST_JUGGLER_THROTTLED, FST_JUGGLER_LOGIN_BUSY
   */
  async check (readings: readonly Credentials[], ip: string): Promise<string> {
    const usable = readings.filter(({ password }) => password !== '' && Buffer.byteLength(password) <= maxPasswordBytes)
    const [first] = usable
    if (first === undefined) throw new FST_JUGGLER_UNAUTHORIZED()
    const address = throttleKey(ip)
    const digests = usable.map(({ user, password }) => this.#cache.digest(address, user, password))
    const known = digests.findIndex((digest) => this.#cache.has(digest))
    if (known !== -1) return (usable[known] as Credentials).user

    const key = digests[0] as string
    const underWay = this.#pending.get(key)
    if (underWay !== undefined) return await underWay
    const verdict = this.#admit(usable, digests, address, first.user).finally(() => this.#pending.delete(key))
    this.#pending.set(key, verdict)
    return await verdict
  }

  async close (): Promise<void> {
    await this.#queue.close()
  }

  async #admit (readings: readonly Credentials[], digests: readonly string[], address: string, user: string): Promise<string> {
    const admission = this.#throttle.admit(address, user)
    if (admission === undefined) throw new FST_JUGGLER_THROTTLED()
    try {
      for (const [index, reading] of readings.entries()) {
        const hash = this.#file.users.get(reading.user)
        const matches = await this.#queue.check(reading.password, hash ?? this.#dummy, address)
        // the file may have been read again meanwhile: what counts is what it says now
        if (!matches || hash === undefined || this.#file.users.get(reading.user)?.text !== hash.text) continue
        admission.refund()
        this.#cache.add(digests[index] as string)
        return reading.user
      }
    } catch (error) {
      // nothing was learned from it
      if (error instanceof FST_JUGGLER_LOGIN_BUSY) admission.refund()
      throw error
    }
    throw new FST_JUGGLER_UNAUTHORIZED()
  }
}
