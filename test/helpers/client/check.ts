/** Assertions that run in Node and in a page alike. */

/** Members in one order, so that text can be compared. */
const text = (value: unknown): string => JSON.stringify(value, (_key, part: unknown) =>
  typeof part === 'object' && part !== null && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
    : part) ?? 'undefined'

/** Throws unless both are the same JSON, or both undefined. */
export function same (actual: unknown, expected: unknown, what = 'value'): void {
  if (text(actual) !== text(expected)) throw new Error(`${what}: expected ${text(expected)}, found ${text(actual)}`)
}

/** Throws unless it is true. */
export function holds (condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`)
}

/** The error that a promise rejects with; it must have this code. */
export async function rejection (promise: Promise<unknown>, code: string): Promise<Error & Record<string, unknown>> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    same((error as { code?: unknown }).code, code, `code of "${(error as Error).message}"`)
    return error as Error & Record<string, unknown>
  }
  throw new Error(`expected a rejection with ${code}, found ${text(value)}`)
}
