/** Requests and commands of a run: each is known by a number, and how often it has run is held against what its sender was told. */
import { ConnectionClosedError, JugglerClientError, JugglerError } from '../../lib/errors.ts'
import type { JsonValue } from '../../types/json.ts'

export interface Expectation { readonly path: string, readonly value: JsonValue }

export interface Token {
  readonly t: number
  /** Counts the requests of its sender. */
  readonly seq: number
  readonly name: string
  readonly isCommand: boolean
  /** When a command must have begun. */
  deadline: number
  expect: Expectation | undefined
  runs: number
  /** Whether the sender knows that it has not run. */
  refused: boolean
}

/** What is said of a command that has not run, and will not. */
const notRun = new Set([
  'JUGGLER_EXPIRED', 'JUGGLER_CONFLICT', 'JUGGLER_DATA_INVALID', 'JUGGLER_KEY_REFUSED', 'JUGGLER_KEY_REUSED', 'JUGGLER_COMMAND_INVALID',
  'JUGGLER_COMMANDS_FULL', 'JUGGLER_CLOSING', 'request handler not implemented'
])

/** What is wrong with what a sender was told; undefined: nothing. `wasOpen`: whether the client was connected when it was sent. */
export function judge (token: Token, outcome: { data: JsonValue } | { error: unknown }, wasOpen: boolean): string | undefined {
  const { t, runs, name } = token
  const what = `'${name}' ${t} has run ${runs} times`
  if ('data' in outcome) {
    if (name === '') return undefined
    if (runs !== 1) return `${what}, and was answered`
    return (Object(outcome.data) as { t?: number }).t === t ? undefined : `${what}, and was answered ${JSON.stringify(outcome.data)}`
  }
  const { error } = outcome
  if (error instanceof JugglerError) {
    const code = String((Object(error.data) as { code?: string }).code ?? error.data)
    if (code === 'JUGGLER_OUTCOME_UNKNOWN') return token.isCommand ? undefined : `${what}, and is told ${code}`
    if (notRun.has(code)) {
      token.refused = true
      return runs === 0 ? undefined : `${what}, and is told ${code}`
    }
    if (!['no', 'boom', 'JUGGLER_HANDLER_TIMEOUT'].includes(code)) return `${what}, and failed with ${code}`
    return runs === 1 ? undefined : `${what}, and is told ${code}`
  }
  if (error instanceof ConnectionClosedError) {
    if (wasOpen) return undefined
    token.refused = true
    return runs === 0 ? undefined : `${what}, and was not sent`
  }
  if (error instanceof JugglerClientError && error.code === 'JUGGLER_REQUEST_TIMEOUT') return undefined
  return `${what}, and failed with ${String(error)}`
}
