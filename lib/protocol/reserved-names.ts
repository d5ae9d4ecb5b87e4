/** Names of requests that the protocol, and not the app, answers. docs/protocol.md. */

/** Answered with its own data: how a client asks whether the server is alive. */
export const echo = ''

/** Changes the parts of the state that the client is sent. Stock peers do not know it. */
export const paths = 'juggler/paths'

/** Whether the app may answer requests of this name. All that begin like that are left for the protocol. */
export const isReserved = (name: string): boolean => name === echo || name.startsWith('juggler/')

/** Whether a request of this name is not to wait for handlers that take their time. */
export const isUrgent = (name: string): boolean => name === echo || name === paths
