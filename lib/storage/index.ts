/** Keeps the last state beyond the page, so that the next one shows something at once: `fastify-juggler/storage`. */
export { indexedDb } from './indexed-db.ts'
export { stateStorage } from './state-storage.ts'
export type { StateStorage, StateStorageOptions, TextStore } from '../../types/storage.ts'
