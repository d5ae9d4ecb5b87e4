/** How the cases write bytes down. */

/**
 * Bytes from text: pairs of hex digits, `<ASCII>`, `..` for any one byte, and `*N` behind any of them for N times; blanks say nothing.
 * What a case expects may have `..`; what it sends may not.
 *
 * @example
 * pattern('817d 33 78*124') // a text frame of 125 bytes: a 3, and 124 times an x
 */
export function pattern (text: string): { bytes: Buffer, any: ReadonlySet<number> } {
  const parts: Buffer[] = []
  const any = new Set<number>()
  let length = 0
  for (const [, ascii, dots, hex, times] of text.matchAll(/(?:<([^>]*)>|(\.\.)|([0-9a-f]{2})|\s+|(?:.|\n))(?:\*(\d+))?/g)) {
    if (ascii === undefined && dots === undefined && hex === undefined) continue
    const part = ascii !== undefined ? Buffer.from(ascii, 'latin1') : Buffer.from(hex ?? '00', 'hex')
    const count = Number(times ?? 1)
    if (dots !== undefined) for (let i = 0; i < count; i++) any.add(length + i)
    parts.push(Buffer.alloc(part.length * count, part))
    length += part.length * count
  }
  return { bytes: Buffer.concat(parts), any }
}
