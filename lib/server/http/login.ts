/** Decides whether credentials are right: throttled, remembered, as slow for unknown users as for wrong passwords. */
import { FST_JUGGLER_LOGIN_BUSY, FST_JUGGLER_THROTTLED, FST_JUGGLER_UNAUTHORIZED } from '../errors.ts'
import { HashQueue } from './hash-queue.ts'
import { dummyHash, maxUserBytes } from './htpasswd.ts'
import { maxPasswordBytes } from './password-check.ts'
import { SuccessCache } from './success-cache.ts'
import { addressKey } from '../address-key.ts'
import { Throttle } from './throttle.ts'
import type { Credentials } from './credentials.ts'
import type { PasswordHash } from './htpasswd.ts'
import type { UserFile } from './user-file.ts'

/** One reading of the header, with what the file says about its user. */
interface Candidate extends Credentials {
  readonly hash: PasswordHash | undefined
  /** Of user, hash and password: the same at every address. */
  readonly digest: string
  /** The same with the address. */
  readonly digestHere: string
}

/**
 * ```
 * known at this address? ─ yes ─▶ in, at no cost
 *         │ no
 * throttle of address and user ─ empty ─▶ 429, even if it is right: guessing goes no faster by it
 *         │
 * known anywhere? ─ yes ─▶ in                          (a hundred screens with one login cost one hash)
 *         │ no
 * being hashed? ─ yes ─▶ waits for the same answer
 *         │ no
 * hashed in turn
 * ```
 */
export class Login {
  readonly #file: UserFile
  readonly #queue: HashQueue
  readonly #throttle: Throttle
  /** What was right, by address. */
  readonly #knownHere = new SuccessCache()
  /** What was right, whatever the address. It is asked behind the throttle only. */
  readonly #known = new SuccessCache()
  /** Logins under way, by address: many sockets of one user that reconnect at once are one guess. */
  readonly #logins = new Map<string, Promise<string>>()
  /** Hashes under way, whatever the address. */
  readonly #hashing = new Map<string, Promise<boolean>>()
  #dummy: PasswordHash

  constructor (file: UserFile, queue = new HashQueue(), throttle = new Throttle()) {
    this.#queue = queue
    this.#file = file
    this.#throttle = throttle
    this.#dummy = dummyHash(file.users)
    file.onChange(() => { this.#dummy = dummyHash(file.users) })
  }

  /**
   * The name of the user whose credentials these are.
   *
   * @param readings - what the header may mean, most likely first
   * @param ip - the client's address
   * @throws FST_JUGGLER_UNAUTHORIZED, FST_JUGGLER_THROTTLED, FST_JUGGLER_LOGIN_BUSY
   */
  async check (readings: readonly Credentials[], ip: string): Promise<string> {
    const address = addressKey(ip)
    const candidates = readings.filter(isUsable).map((reading) => this.#lookUp(reading, address))
    const [first] = candidates
    if (first === undefined) throw new FST_JUGGLER_UNAUTHORIZED()
    const known = candidates.find(({ hash, digestHere }) => hash !== undefined && this.#knownHere.has(digestHere))
    if (known !== undefined) return known.user

    const underWay = this.#logins.get(first.digestHere)
    if (underWay !== undefined) return await underWay
    const login = this.#admit(candidates, address, first.user).finally(() => this.#logins.delete(first.digestHere))
    this.#logins.set(first.digestHere, login)
    return await login
  }

  async close (): Promise<void> {
    await this.#queue.close()
  }

  #lookUp ({ user, password }: Credentials, address: string): Candidate {
    const hash = this.#file.users.get(user)
    const parts = [user, hash?.text ?? '', password]
    return { user, password, hash, digest: this.#known.digest(...parts), digestHere: this.#knownHere.digest(address, ...parts) }
  }

  async #admit (candidates: readonly Candidate[], address: string, user: string): Promise<string> {
    const admission = this.#throttle.admit(address, user)
    if (admission === undefined) throw new FST_JUGGLER_THROTTLED()
    try {
      for (const candidate of candidates) {
        if (!await this.#matches(candidate, address)) continue
        admission.refund()
        this.#known.add(candidate.digest)
        this.#knownHere.add(candidate.digestHere)
        return candidate.user
      }
    } catch (error) {
      // nothing was learned from it
      if (error instanceof FST_JUGGLER_LOGIN_BUSY) admission.refund()
      throw error
    }
    throw new FST_JUGGLER_UNAUTHORIZED()
  }

  async #matches ({ user, password, hash, digest }: Candidate, address: string): Promise<boolean> {
    if (hash !== undefined && this.#known.has(digest)) return true
    let hashing = this.#hashing.get(digest)
    if (hashing === undefined) {
      hashing = this.#queue.check(password, hash ?? this.#dummy, address).finally(() => this.#hashing.delete(digest))
      this.#hashing.set(digest, hashing)
    }
    // the file may have been read again meanwhile: what counts is what it says now
    return await hashing && hash !== undefined && this.#file.users.get(user)?.text === hash.text
  }
}

function isUsable ({ user, password }: Credentials): boolean {
  return password !== '' && Buffer.byteLength(password) <= maxPasswordBytes && Buffer.byteLength(user) <= maxUserBytes
}
