/** The other end of a `Child`: a process that does what its parent asks for by name, and measures how late its own timers are. */

/** How often (ms) a process looks whether it is late. */
const pulse = 20

let latest = 0
let offset = 0
const realNow = Date.now

/** How late (ms) a timer of this process was at most, since the last call of `punctual`. */
export const lag = (): number => latest

export function punctual (): void {
  latest = 0
}

/** Measures from now on. @returns what ends it */
export function beat (): () => void {
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    latest = Math.max(latest, now - last - pulse)
    last = now
  }, pulse).unref()
  return () => clearInterval(timer)
}

/** Holds up the event loop. */
export function block (ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** Sets the wall clock of this process forward, or back. What counts time by itself is not touched. */
export function jump (ms: number): void {
  offset += ms
  Date.now = () => realNow() + offset
  globalThis.Date = class extends RealDate {
    constructor (...args: unknown[]) {
      super(...(args.length === 0 ? [realNow() + offset] : args) as [number])
    }
  } as DateConstructor
}
const RealDate = Date

type Answer = (...args: never[]) => unknown

/** Does what the parent asks for, by name; ends when the parent does. */
export function answerParent (answers: Record<string, Answer>): void {
  beat()
  process.on('disconnect', () => process.exit())
  process.on('message', async ({ id, name, args }: { id: number, name: string, args: never[] }) => {
    try {
      const value = await answers[name]!(...args)
      process.send?.({ id, value })
    } catch (error) {
      const { code, message, data } = error as { code?: string, message: string, data?: unknown }
      process.send?.({ id, error: { code, message, data } })
    }
  })
  process.send?.({ id: 0 })
}
