/** Has all registrations of one HTTP server begin to close together: Fastify asks one after the other. */

const retirements = new WeakMap<object, Set<() => Promise<void>>>()

/**
 * @param server - that they share
 * @param retire - lets what runs here come to its end
 * @returns waits for that; when it is called for the first registration, all the others begin as well
 */
export function retirementOf (server: object, retire: () => Promise<void>): () => Promise<void> {
  let all = retirements.get(server)
  if (all === undefined) retirements.set(server, all = new Set())
  const others = all
  let ending: Promise<void> | undefined
  const begin = (): Promise<void> => (ending ??= retire())
  others.add(begin)
  return async () => {
    for (const each of others) void each()
    await begin()
  }
}
