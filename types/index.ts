/** Every public contract. */
export type * from './json.ts'
export type * from './state.ts'
export type * from './protocol.ts'
export type * from './options.ts'
export type * from './server.ts'
export type * from './client.ts'
export type * from './listen.ts'
