/** How the texts of errors name a value that was given. */

/** The value's type, and the value itself where it is short and plain. */
export function describe (value: unknown): string {
  switch (typeof value) {
    case 'string': return value.length <= 64 ? `'${value}'` : `a string of ${value.length} characters`
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return 'an array'
      return value instanceof Date ? 'a date' : 'an object'
    case 'function': return 'a function'
    case 'symbol': return 'a symbol'
    case 'bigint': return `${value}n`
    default: return String(value)
  }
}
