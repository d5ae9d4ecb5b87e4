/** The text that is kept: a line that says what it is, then the state. */
import type { JsonValue } from '../../types/json.ts'

/** Of what the text is made. One of another version is thrown away. */
const version = 1

/** What is known of a kept state without reading it. */
export interface KeptHead {
  readonly user: string | null
  /** The epoch, in query form; '' of a server that names none. */
  readonly epoch: string
  readonly revision: number
}

/** @param at - epoch and revision, as in a query */
export function headOf (user: string | null, at: string): KeptHead {
  const [epoch = '', revision] = at.split('&revision=')
  return { user, epoch, revision: Number(revision ?? 0) }
}

/** Where a kept state stands: epoch and revision, as in a query. */
export const placeOf = ({ epoch, revision }: KeptHead): string => epoch && `${epoch}&revision=${revision}`

/** @param state - as JSON */
export const keptText = ({ user, epoch, revision }: KeptHead, state: string): string =>
  `${JSON.stringify([version, user, epoch, revision])}\n${state}`

/** What a text says that it is; undefined: it was not written by this version. */
export function readHead (text: string): KeptHead | undefined {
  let head: unknown
  try {
    head = JSON.parse(text.slice(0, text.indexOf('\n')))
  } catch {}
  if (!Array.isArray(head) || head.length !== 4 || head[0] !== version) return undefined
  const [, user, epoch, revision] = head as unknown[]
  const isHead = (user === null || typeof user === 'string') && typeof epoch === 'string' && /^[\w%.~-]*$/.test(epoch) &&
    Number.isSafeInteger(revision) && revision as number >= 0
  return isHead ? { user, epoch, revision: revision as number } as KeptHead : undefined
}

/** The state of a text that has a head. @throws SyntaxError it is not whole */
export const readState = (text: string): JsonValue => JSON.parse(text.slice(text.indexOf('\n') + 1)) as JsonValue
