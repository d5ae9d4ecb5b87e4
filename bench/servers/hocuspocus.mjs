/** Yjs behind Hocuspocus: the state in nested Y.Maps, one transaction a tick. It has no requests. */
import { Server } from '@hocuspocus/server'
import { once } from 'node:events'
import * as Y from 'yjs'

/** @type {import('./contract.ts').Start} */
export default async function start ({ plant, ticks }) {
  const server = new Server({ quiet: true, stopOnSignals: false, unloadImmediately: false })
  // Not by its own `listen`, which takes an address but listens on all of them.
  server.httpServer.listen(0, '127.0.0.1')
  await once(server.httpServer, 'listening')
  const { document } = await server.hocuspocus.openDirectConnection('plant')
  const devices = document.getMap('devices')
  document.transact(() => {
    for (const [name, device] of Object.entries(plant.devices)) {
      devices.set(name, new Y.Map(Object.entries({ ...device, tags: Y.Array.from(device.tags) })))
    }
  })

  return {
    port: server.address.port,
    tick (index) {
      document.transact(() => {
        for (const { device, temp } of ticks[index]) devices.get(device).set('temp', temp)
      })
    }
  }
}
