/** Which limit a peer ran into that is closed for it. */
import type { LimitName } from '../../../types/stats.ts'
import { closeCodes } from '../../protocol/close-codes.ts'
import type { ProtocolFault } from '../../protocol/fault.ts'

/** Undefined for other faults. */
export function limitOf ({ close: { code }, limit, message }: ProtocolFault): LimitName | undefined {
  if (limit !== undefined) return limit
  if (code === closeCodes.tooLarge.code) return 'maxPayload'
  if (code !== closeCodes.overLimit.code) return undefined
  return message.endsWith('too slowly') ? 'pace' : 'maxSegments'
}
