/** A wait that can be cut short. */

export interface Pause {
  /** Resolves after `delay` ms, or sooner. */
  rest (delay: number): Promise<void>
  /**
   * Whoever rests waits for `delay` ms from now, whatever is left of the rest: where a machine slept, nobody knows how
   * much that is.
   */
  renew (delay: number): void
  /** Whoever rests goes on at once: a timer may come a minute late where nobody looks at a page. */
  stop (): void
}

export function createPause (): Pause {
  let timer: ReturnType<typeof setTimeout> | undefined
  let end: () => void = () => {}
  const renew = (delay: number) => {
    clearTimeout(timer)
    timer = setTimeout(end, delay)
  }
  return {
    renew,

    rest: (delay) => new Promise((resolve) => {
      end = resolve
      renew(delay)
    }),

    stop () {
      clearTimeout(timer)
      end()
    }
  }
}
