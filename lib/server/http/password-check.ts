/** Checks one password against one hash: synchronous, slow for some forms, hence run in `hash-worker.ts`. */
import { createHash, timingSafeEqual } from 'node:crypto'
import apacheMd5 from 'apache-md5'
import { compareSync } from 'bcryptjs'
import type { PasswordHash } from './htpasswd.ts'

// CommonJS whose types claim a default export
const hashApr1 = apacheMd5 as unknown as (password: string, salt: string) => string

/** A longer password is refused before it is hashed: `$apr1$` takes time in proportion, 32 ms for 10,000 characters. */
export const maxPasswordBytes = 1024

/**
 * Whether the password has the hash. The comparison takes the same time wherever the two differ. bcrypt sees the
 * first 72 bytes, as everywhere.
 */
export function passwordMatches (password: string, hash: PasswordHash): boolean {
  switch (hash.form) {
    case 'apr1': {
      // apache-md5 takes the low byte of each character, so it is given one character for each byte of UTF-8
      const bytes = Buffer.from(password, 'utf8').toString('latin1')
      return equal(hashApr1(bytes, hash.text), hash.text)
    }
    case 'sha1':
      return equal(`{SHA}${createHash('sha1').update(password, 'utf8').digest('base64')}`, hash.text)
    case 'bcrypt':
      return compareSync(password, hash.text)
  }
}

function equal (a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
