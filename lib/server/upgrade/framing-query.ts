/** Reads the framing that a client chooses in the query of its upgrade. */
import type { FastifyRequest } from 'fastify'
import type { Framing } from '../../../types/protocol.ts'
import { FST_JUGGLER_FRAMING_UNKNOWN } from '../errors.ts'

/**
 * The framing of an upgrade: what its query says, else the option.
 *
 * @returns `undefined` where the first frame of the client will tell it
 * @throws FST_JUGGLER_FRAMING_UNKNOWN
 */
export function framingOf ({ query }: Pick<FastifyRequest, 'query'>, option: Framing | 'auto'): Framing | undefined {
  const framing: unknown = Object(query).framing
  if (framing === undefined) return option === 'auto' ? undefined : option
  if (framing === 'plain' || framing === 'segmented') return framing
  throw new FST_JUGGLER_FRAMING_UNKNOWN()
}
