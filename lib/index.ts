/** The package's main entry: the plugin, the state, and the errors. */
export { fastifyJuggler, fastifyJuggler as default } from './plugin.ts'
export { listen } from './listen.ts'
export { createState } from './state/state.ts'
export { ConnectionClosedError, errorCodes, JugglerError, JugglerStateError } from './errors.ts'
export { closeCodes } from './protocol/close-codes.ts'
export { defaultOptions } from './server/options.ts'
export type * from '../types/index.ts'
