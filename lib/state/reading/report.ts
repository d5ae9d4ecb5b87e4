/** Where errors go that nobody can be given: what a listener throws. */

interface Host {
  reportError?: (error: unknown) => void
  process?: { emitWarning?: (warning: Error) => void }
}

/** Reports through the platform: `reportError` in browsers, a process warning in Node; it never throws. */
export function reportError (error: unknown): void {
  const host = globalThis as Host
  if (host.reportError) host.reportError(error)
  // written out, so that the build of the browser file can take it away
  else (globalThis as Host).process?.emitWarning?.(error instanceof Error ? error : new Error(textOf(error)))
}

function textOf (error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something was thrown that is no error, and has no text'
  }
}
