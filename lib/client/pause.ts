/** A wait that can be cut short. */

export interface Pause {
  /** Resolves after `delay` ms, or sooner. */
  rest (delay: number): Promise<void>
  /** Whoever rests waits for `delay` ms more at most; 0 is at once. */
  shorten (delay: number): void
}

export function createPause (): Pause {
  let timer: ReturnType<typeof setTimeout> | undefined
  /** When the rest ends, on the wall clock; in the past: nobody rests. */
  let due = 0
  let end: () => void = () => {}
  const shorten = (delay: number) => {
    if (delay > 0 && Date.now() + delay > due) return
    due = Date.now() + delay
    clearTimeout(timer)
    // Where nobody looks at a page, its timers may come a minute late.
    if (delay > 0) timer = setTimeout(end, delay)
    else end()
  }
  return {
    shorten,
    rest: (delay) => new Promise((resolve) => {
      due = Infinity
      end = resolve
      shorten(delay)
    })
  }
}
