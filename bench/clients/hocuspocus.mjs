/** Hocuspocus' own provider over Yjs. */
import { HocuspocusProvider } from '@hocuspocus/provider'
import { WebSocket } from 'ws'

/** @type {import('./host.ts').Connect} */
export default async function connect (port) {
  const provider = new HocuspocusProvider({ url: `ws://127.0.0.1:${port}`, name: 'plant', token: '', WebSocketPolyfill: WebSocket })
  return () => ({ devices: provider.document.getMap('devices').toJSON() })
}
