/** Whether a value is JSON as it stands. */

/** Whether `JSON.parse(JSON.stringify(value))` would give an equal value. It has no cycles: it was made text before. */
export function isPlainJson (value: unknown): boolean {
  switch (typeof value) {
    case 'string': case 'boolean': return true
    case 'number': return Number.isFinite(value)
    case 'object': return value === null || isPlainContainer(value)
    default: return false
  }
}

function isPlainContainer (value: object): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlainJson(value[i])) return false
    return !('toJSON' in value)
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return false
  for (const key in value) if (!isPlainJson((value as Record<string, unknown>)[key])) return false
  return true
}
