/** Texts in IndexedDB, which has room for more than Web Storage, and hardly blocks the page. */
import type { TextStore } from '../../types/storage.ts'

const storeName = 'states'

/** Resolves with the result of a request of a transaction when the transaction is complete. */
const completed = <V>(transaction: IDBTransaction, result: () => V): Promise<V> => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve(result())
  transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'))
})

/**
 * A store in the database of a name, which is made on first use.
 *
 * @param name - of the database
 */
export function indexedDb (name = 'fastify-juggler'): Required<TextStore> {
  let opening: Promise<IDBDatabase> | undefined

  const make = (): Promise<IDBDatabase> => new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => request.result.createObjectStore(storeName)
    request.onsuccess = () => {
      const database = request.result
      const forget = () => { opening = undefined }
      // Another page that deletes the database, or makes it anew, must not wait for this one.
      database.onversionchange = () => {
        database.close()
        forget()
      }
      // The browser may take it away: site data were cleared.
      database.onclose = forget
      resolve(database)
    }
    request.onerror = () => reject(request.error)
  }).catch((error: unknown) => {
    opening = undefined
    throw error
  })
  const open = (): Promise<IDBDatabase> => {
    opening ??= make()
    return opening
  }

  const write = async (act: (store: IDBObjectStore) => void): Promise<void> => {
    // 'relaxed' does not wait for the disk: a state that is lost with the power comes again from its server.
    const transaction = (await open()).transaction(storeName, 'readwrite', { durability: 'relaxed' })
    act(transaction.objectStore(storeName))
    await completed(transaction, () => {})
  }

  return {
    async get (key) {
      const transaction = (await open()).transaction(storeName)
      const request = transaction.objectStore(storeName).get(key)
      return completed(transaction, () => request.result as string | undefined)
    },

    set: (key, text) => write((store) => { store.put(text, key) }),

    remove: (key) => write((store) => { store.delete(key) }),

    update: (key, change) => write((store) => {
      const request = store.get(key)
      request.onsuccess = () => {
        const text = change(request.result as string | undefined)
        if (text !== undefined) store.put(text, key)
      }
    })
  }
}
