/** The WebSocket close codes of the protocol, each with the reason sent and when it is used. */
import type { CloseCode } from '../../types/protocol.ts'

const entry = (code: number, reason: string): CloseCode => Object.freeze({ code, reason })

/** Closed by either side on purpose. */
export const normal = /* @__PURE__ */ entry(1000, 'closed')

/** The app shuts down. With exactly this reason, and that of `tryAgainLater`, the server has run what it has answered and no more. */
export const goingAway = /* @__PURE__ */ entry(1001, 'server is shutting down')

/** Received from others: a WebSocket protocol error. */
export const webSocketError = /* @__PURE__ */ entry(1002, 'WebSocket protocol error')

/** Received from others: a kind of data that the peer does not take. */
export const unsupportedData = /* @__PURE__ */ entry(1003, 'unsupported data')

/** Text that is not UTF-8. */
export const invalidText = /* @__PURE__ */ entry(1007, 'text is not UTF-8')

/** A message over `maxPayload`. */
export const tooLarge = /* @__PURE__ */ entry(1009, 'message is too large')

/** Drained: try again elsewhere. */
export const tryAgainLater = /* @__PURE__ */ entry(1013, 'try again later')

/** Not JSON, unknown type, no id, bad frame. The reason sent says which. */
export const protocolError = /* @__PURE__ */ entry(4400, 'protocol error')

/** Credentials revoked or expired. */
export const unauthorized = /* @__PURE__ */ entry(4401, 'credentials are no longer valid')

/** The peer speaks the other framing. The reason sent names `?framing=`. */
export const wrongFraming = /* @__PURE__ */ entry(4406, 'wrong framing')

/** No traffic in time after a ping. */
export const pingTimeout = /* @__PURE__ */ entry(4408, 'ping timeout')

/** Of a client: its state is not what the server's drift check says. It takes the whole when it comes back. */
export const stateDrifted = /* @__PURE__ */ entry(4409, 'state drifted')

/** Over a limit, or too slow for what must be delivered. */
export const overLimit = /* @__PURE__ */ entry(4429, 'too slow or over a limit')

/** All of them, by name. */
export const closeCodes = /* @__PURE__ */ Object.freeze({
  normal,
  goingAway,
  webSocketError,
  unsupportedData,
  invalidText,
  tooLarge,
  tryAgainLater,
  protocolError,
  unauthorized,
  wrongFraming,
  pingTimeout,
  stateDrifted,
  overLimit
})
