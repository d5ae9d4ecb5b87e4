/** Keys of AsyncAPI's maps, made of any names. */

/**
 * A key of letters, digits, `.`, `-` and `_` that is like the name, and not among those that are taken; it is taken then.
 * Members of every object, `constructor` for one, are no keys: tools trip over some.
 */
export function uniqueKey (name: string, taken: Set<string>): string {
  const like = name.replace(/[^a-zA-Z0-9._-]/g, '_') || '_'
  let key = like
  for (let i = 2; taken.has(key) || key in Object.prototype; i++) key = `${like}_${i}`
  taken.add(key)
  return key
}

/** Keys of several names, apart from each other. A name that is a key as it is keeps itself, whatever comes before it. */
export function uniqueKeys (names: readonly string[]): Map<string, string> {
  const taken = new Set<string>()
  const isKey = (name: string) => /^[a-zA-Z0-9._-]+$/.test(name)
  const inTurn = [...names.filter(isKey), ...names.filter((name) => !isKey(name))]
  return new Map(inTurn.map((name) => [name, uniqueKey(name, taken)]))
}
