/** The messages of the Juggler protocol, per direction. docs/protocol.md is the specification. */
import type { JsonValue, Patch } from './json.ts'

/** Any JSON that a client chose; the response carries it verbatim. */
export type RequestId = JsonValue

/** client to server */
export interface RequestMessage { type: 'request', id: RequestId, name: string, data: JsonValue }

/** server to client */
export interface ResponseMessage { type: 'response', id: RequestId, success: boolean, data: JsonValue }
/** server to client */
export interface StateMessage { type: 'state', diff: Patch }
/** server to client */
export interface NotifyMessage { type: 'notify', name: string, data: JsonValue }

export type ClientMessage = RequestMessage
export type ServerMessage = ResponseMessage | StateMessage | NotifyMessage

/** How messages become WebSocket messages: hat-juggler up to 0.6 speaks `plain`, 0.7 and newer `segmented`. */
export type Framing = 'plain' | 'segmented'

/** A WebSocket close code and the reason sent with it. */
export interface CloseCode { readonly code: number, readonly reason: string }

/** How a connection ended. */
export interface CloseInfo { readonly code: number, readonly reason: string }
