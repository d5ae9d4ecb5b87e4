/** What tells two commands apart that have the same key. */
import { createHash } from 'node:crypto'

/** Longest text in characters that is mixed here: for longer ones the platform is quicker. */
const maxShort = 512

/**
 * A number of 53 bits at most, so that remembering it takes next to nothing. It keeps users from mistakes of their own,
 * so that nothing is lost where somebody makes two texts with one number.
 */
export function digestOf (text: string): number {
  if (text.length > maxShort) return createHash('sha256').update(text).digest().readUIntBE(0, 6)
  // Two sums of 32 bits, each character mixed into both, as multiplicative hashes do.
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b)
    low ^= low >>> 13
  }
  high ^= high >>> 16
  return (high & 0x1fffff) * 0x100000000 + (low >>> 0)
}
