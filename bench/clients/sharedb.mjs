/** ShareDB's own client. */
import ShareDB from 'sharedb/lib/client/index.js'
import { WebSocket } from 'ws'
import { promisify } from 'node:util'

/** @type {import('./host.ts').Connect} */
export default async function connect (port) {
  const doc = new ShareDB.Connection(new WebSocket(`ws://127.0.0.1:${port}`)).get('plants', 'plant')
  await promisify(doc.subscribe.bind(doc))()
  return () => doc.data
}
