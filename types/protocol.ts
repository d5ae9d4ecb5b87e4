/** The messages of the Juggler protocol, per direction. docs/protocol.md is the specification. */
import type { JsonValue, Patch } from './json.ts'

/** Any JSON that a client chose; the response carries it verbatim. */
export type RequestId = JsonValue

/** client to server */
export interface RequestMessage extends CommandMembers { type: 'request', id: RequestId, name: string, data: JsonValue }

/**
 * What makes a request a command; docs/commands.md. Extensions of fastify-juggler, which other peers ignore. Of a
 * message that came in nothing is known about them.
 */
export interface CommandMembers {
  /** Names the command; 1 to 128 characters. */
  key?: unknown
  /** The memory that it was first sent to. */
  journal?: unknown
  /** When it must have begun to run, on the server's clock (`now` of its answers). */
  expires?: unknown
  /** A path and the value that must be there. */
  expect?: unknown
}

/** server to client */
export interface ResponseMessage {
  type: 'response',
  id: RequestId,
  success: boolean,
  data: JsonValue
  /** Of commands: the memory that knows them. */
  journal?: unknown
  /** Of commands: the server's clock, in ms. */
  now?: unknown
}
/** server to client */
export interface StateMessage {
  type: 'state',
  diff: Patch
  /** Of a connection's first one, where it asked for it: the memory of commands. */
  journal?: unknown
  /** Where the connection asked for it: the revision of the state that the patch leads to, and the name of its history. */
  revision?: unknown
  epoch?: unknown
  /** The patch is for the state that the client had, and leads from this revision, or any later one, to now. */
  since?: unknown
  /** A JSON Pointer, the digest of what is there now, and where that is large, which part of its members and of how many. */
  check?: unknown
  /** Of the first one of other parts than before: JSON Pointers of those that the state is of; null: of all that there are. */
  paths?: unknown
}
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
