/** Refuses what a caller gave: one wording for all. */
import { JugglerClientError } from './errors.ts'
import type { ErrorCode } from './errors.ts'

/**
 * @param expected - what it must be, for the error's text
 * @throws JugglerClientError
 */
export function refuse (
  name: string, value: unknown, expected: string, code: ErrorCode = 'JUGGLER_OPTION_INVALID'
): never {
  throw new JugglerClientError(code, `${name} must be ${expected}, not ${String(value)}`)
}
