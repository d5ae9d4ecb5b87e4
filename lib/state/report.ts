/** Where errors go that nobody can be given: what a listener throws. */

interface Host {
  reportError?: (error: unknown) => void
  process?: { emitWarning?: (warning: Error) => void }
}

/** Reports through the platform: `reportError` in browsers, a process warning in Node; it never throws. */
export function reportError (error: unknown): void {
  const host = globalThis as Host
  if (typeof host.reportError === 'function') host.reportError(error)
  else host.process?.emitWarning?.(error instanceof Error ? error : new Error(String(error)))
}
