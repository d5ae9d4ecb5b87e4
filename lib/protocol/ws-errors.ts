/** The close codes that `ws` answers invalid input with; it gives them on its errors by a private name only. */
import type { CloseCode } from '../../types/protocol.ts'
import * as closeCodes from './close-codes.ts'

const codes: Record<string, CloseCode> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: closeCodes.tooLarge,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: closeCodes.tooLarge,
  WS_ERR_INVALID_UTF8: closeCodes.invalidText,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: { code: 1008, reason: 'too many fragments' }
}

/** What zlib cannot inflate; the errors have zlib's own codes. */
const notInflated: CloseCode = { code: closeCodes.invalidText.code, reason: 'compressed data is invalid' }

export function closeCodeOf ({ code = '' }: Error & { code?: string }): CloseCode {
  return codes[code] ?? (code.startsWith('Z_') ? notInflated : closeCodes.webSocketError)
}
