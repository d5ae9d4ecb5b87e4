/** ShareDB with its memory database: one json0 operation of many components a tick. It has no requests. */
import WebSocketJSONStream from '@teamwork/websocket-json-stream'
import ShareDB from 'sharedb'
import { WebSocketServer } from 'ws'
import { once } from 'node:events'
import { promisify } from 'node:util'

/** @type {import('./contract.ts').Start} */
export default async function start ({ plant, ticks }) {
  const backend = new ShareDB()
  const doc = backend.connect().get('plants', 'plant')
  await promisify(doc.create.bind(doc))(plant)
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  server.on('connection', (socket) => backend.listen(new WebSocketJSONStream(socket)))
  await once(server, 'listening')

  return {
    port: server.address().port,
    tick (index) {
      doc.submitOp(ticks[index].map(({ device, temp, was }) => ({ p: ['devices', device, 'temp'], od: was, oi: temp })))
    }
  }
}
