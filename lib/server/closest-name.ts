/** The name that somebody who mistyped one most likely meant. */

/** The nearest of the names by edit distance, where it is near enough to be meant. */
export function closestName (name: string, names: readonly string[]): string | undefined {
  // Distances are not worth computing for what no name resembles, nor for text of any length.
  if (name.length > 64) return undefined
  let closest: string | undefined
  let least = Math.max(2, Math.ceil(name.length / 3)) + 1
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      least = distance
      closest = candidate
    }
  }
  return closest
}

/** Levenshtein's distance: insertions, deletions and replacements from one text to the other. */
function editDistance (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
