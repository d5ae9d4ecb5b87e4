/** The text that is kept: a line that says what it is, then the state. */
import type { JsonValue } from '../../types/json.ts'

/** Of what the text is made. One of another version is thrown away. */
const version = 2

/** What is known of a kept state without reading it. */
export interface KeptHead {
  readonly user: string | null
  /** The epoch, in query form; '' of a server that names none. */
  readonly epoch: string
  readonly revision: number
  /** The parts that it is of, as text; '' where it is of all. */
  readonly parts: string
}

/** A list of paths as text, the same for lists that cover the same. */
export function partsOf (paths: readonly string[] | null | undefined): string {
  if (!paths || paths.includes('')) return ''
  return JSON.stringify([...new Set(paths)].sort().filter((path) => !paths.some((other) => path.startsWith(`${other}/`))))
}

/** @param at - epoch and revision, as in a query */
export function headOf (user: string | null, at: string, parts: string): KeptHead {
  const [epoch = '', revision] = at.split('&revision=')
  return { user, epoch, revision: Number(revision ?? 0), parts }
}

/** Where a kept state stands: epoch and revision, as in a query. */
export const placeOf = ({ epoch, revision }: KeptHead): string => epoch && `${epoch}&revision=${revision}`

/** @param state - as JSON */
export const keptText = ({ user, epoch, revision, parts }: KeptHead, state: string): string =>
  `${JSON.stringify([version, user, epoch, revision, parts])}\n${state}`

/** What a text says that it is; undefined: it was not written by this version. */
export function readHead (text: string): KeptHead | undefined {
  let head: unknown
  try {
    head = JSON.parse(text.slice(0, text.indexOf('\n')))
  } catch {}
  if (!Array.isArray(head) || head.length !== 5 || head[0] !== version) return undefined
  const [, user, epoch, revision, parts] = head as unknown[]
  const isHead = (user === null || typeof user === 'string') && typeof epoch === 'string' && /^[\w%.~-]*$/.test(epoch) &&
    Number.isSafeInteger(revision) && revision as number >= 0 && typeof parts === 'string'
  return isHead ? { user, epoch, revision: revision as number, parts } as KeptHead : undefined
}

/** The state of a text that has a head. @throws SyntaxError it is not whole */
export const readState = (text: string): JsonValue => JSON.parse(text.slice(text.indexOf('\n') + 1)) as JsonValue
