/** Reads htpasswd files: `$apr1$`, bcrypt and `{SHA}`. Anything else is refused: the error names its line and form. */
import { FST_JUGGLER_HTPASSWD_INVALID } from '../errors.ts'

/** How a password is hashed. The form of two hashes is equal if checking them takes the same time. */
export type HashForm = 'apr1' | 'bcrypt' | 'sha1'

export interface PasswordHash {
  readonly form: HashForm
  /** The hash as it stands in the file. */
  readonly text: string
}

/** What a file says, the last line of a user winning. */
export type UserTable = ReadonlyMap<string, PasswordHash>

/**
 * The highest bcrypt cost that is taken: each step doubles the time of a check, and 14 already takes a second or
 * more. Checks run one at a time, so a cost beyond this would let few guesses keep everybody out.
 */
const maxBcryptCost = 14

/** A longer user name is refused, in the file and in requests. */
export const maxUserBytes = 256

/** 8 characters of salt at most, and 22 of digest, of the crypt alphabet. */
const apr1 = /^\$apr1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}$/
/** Version, two digits of cost, 22 characters of salt and 31 of digest. */
const bcrypt = /^\$2[aby]\$(\d\d)\$[./0-9A-Za-z]{53}$/
/** 20 bytes in base64. */
const sha1 = /^\{SHA\}[+/0-9A-Za-z]{27}=$/

/** Prefixes of forms that are known and refused, to name them in the error. */
const refusedForms: ReadonlyArray<readonly [RegExp, string]> = [
  [/^\$apr1\$/, 'a damaged $apr1$ hash'],
  [/^\$2[aby]\$/, 'a damaged bcrypt hash'],
  [/^\{SHA\}/, 'a damaged {SHA} hash'],
  [/^\$\$/, "a hash whose '$' are doubled, as compose files need them; in this file each stands once"],
  [/^\$1\$/, 'an MD5 crypt hash ($1$)'],
  [/^\$2/, 'a bcrypt hash of an unknown version'],
  [/^\$5\$/, 'a SHA-256 crypt hash ($5$)'],
  [/^\$6\$/, 'a SHA-512 crypt hash ($6$)'],
  [/^\$y\$/, 'a yescrypt hash ($y$)'],
  [/^\$argon2/, 'an Argon2 hash'],
  [/^\{SSHA\}/, 'a salted SHA-1 hash ({SSHA})'],
  [/^\{/, 'a hash in an LDAP form'],
  [/^\$/, 'a crypt hash of an unknown form'],
  [/^[./0-9A-Za-z]{13}$/, 'a DES crypt hash or a plain password']
]

/**
 * Parses a file: one `user:hash` a line. Blank lines, lines that begin with `#`, outer white space, CRLF and a byte
 * order mark are ignored, and whatever stands behind a second colon, as Apache and nginx do.
 *
 * @throws FST_JUGGLER_HTPASSWD_INVALID with the number of the line; no part of the line is ever in the message
 */
export function parseHtpasswd (bytes: Buffer): UserTable {
  refuseWideText(bytes)
  const users = new Map<string, PasswordHash>()
  for (const [index, raw] of decodeText(bytes).split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const colon = line.indexOf(':')
    if (colon === -1) throw new FST_JUGGLER_HTPASSWD_INVALID(index + 1, "has no ':'")
    if (colon === 0) throw new FST_JUGGLER_HTPASSWD_INVALID(index + 1, 'has no user name')
    const user = line.slice(0, colon)
    if (Buffer.byteLength(user) > maxUserBytes) {
      throw new FST_JUGGLER_HTPASSWD_INVALID(index + 1, `has a user name of over ${maxUserBytes} bytes`)
    }
    // no hash of a form that is taken holds a colon
    users.set(user, parseHash(line.slice(colon + 1).split(':', 1)[0]!.trimEnd(), index + 1))
  }
  return users
}

function parseHash (text: string, line: number): PasswordHash {
  if (apr1.test(text)) return { form: 'apr1', text }
  if (sha1.test(text)) return { form: 'sha1', text }
  const cost = bcrypt.exec(text)?.[1]
  if (cost !== undefined) {
    if (Number(cost) < 4 || Number(cost) > maxBcryptCost) {
      throw new FST_JUGGLER_HTPASSWD_INVALID(line,
        `holds a bcrypt hash of cost ${Number(cost)}; 4 to ${maxBcryptCost} are taken`)
    }
    return { form: 'bcrypt', text }
  }
  const refused = refusedForms.find(([prefix]) => prefix.test(text))?.[1] ?? 'a plain password or an unknown hash'
  const form = text === '' ? 'no hash' : refused
  throw new FST_JUGGLER_HTPASSWD_INVALID(line, `holds ${form}; $apr1$, bcrypt ($2y$, $2b$, $2a$) and {SHA} are taken`)
}

/** Windows writes UTF-16 where one does not ask for anything else; read as UTF-8 no line of it would make sense. */
function refuseWideText (bytes: Buffer): void {
  const mark = bytes.subarray(0, 2).toString('hex')
  const zero = bytes.indexOf(0)
  if (mark === 'fffe' || mark === 'feff' || zero === 0 || zero === 1) {
    throw new FST_JUGGLER_HTPASSWD_INVALID(1, 'is UTF-16; save the file as UTF-8')
  }
  if (zero !== -1) {
    const line = bytes.subarray(0, zero).filter((byte) => byte === 0x0a).length + 1
    throw new FST_JUGGLER_HTPASSWD_INVALID(line, 'holds a NUL byte: the file is damaged, or no text')
  }
}

/** UTF-8 where the bytes are that (a byte order mark is dropped), else Latin-1: user names of old files. */
function decodeText (bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

/**
 * A hash that no password has, as costly to check as most of the table's: an unknown user is checked against it, so
 * that the time of an answer does not tell who exists.
 */
export function dummyHash (users: UserTable): PasswordHash {
  const counts = new Map<string, number>()
  let dominant = 'sha1'
  for (const hash of users.values()) {
    const kind = hash.form === 'bcrypt' ? hash.text.slice(4, 6) : hash.form
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    if (count > (counts.get(dominant) ?? 0)) dominant = kind
  }
  if (dominant === 'sha1') return { form: 'sha1', text: `{SHA}${'A'.repeat(27)}=` }
  if (dominant === 'apr1') return { form: 'apr1', text: `$apr1$........$${'.'.repeat(22)}` }
  return { form: 'bcrypt', text: `$2b$${dominant}$${'.'.repeat(53)}` }
}
