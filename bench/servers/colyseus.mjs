/** Colyseus: binary schemas; one patch encoded for all clients of a room, sent at the end of each tick. */
import { Room, Server } from '@colyseus/core'
import { ArraySchema, Encoder, MapSchema, schema, t } from '@colyseus/schema'
import { WebSocketTransport } from '@colyseus/ws-transport'
import { createServer } from 'node:http'
import { once } from 'node:events'

/**
 * @param temp - the schema's type of a temperature
 * @returns {import('./contract.ts').Start}
 */
export const serve = (temp) => async ({ plant, ticks }) => {
  const Device = schema({ temp, status: t.string(), ts: t.float64(), tags: t.array('string') }, 'Device')
  const Plant = schema({ devices: t.map(Device) }, 'Plant')
  // The encoder's buffer must hold the largest message; the default is 8 kB.
  Encoder.BUFFER_SIZE = 2 * 1024 * 1024

  let room
  class PlantRoom extends Room {
    onCreate () {
      room = this
      this.autoDispose = false
      this.patchRate = null
      this.state = new Plant()
      this.state.devices = new MapSchema()
      for (const [name, device] of Object.entries(plant.devices)) {
        const copy = new Device()
        this.state.devices.set(name, copy.assign({ ...device, tags: new ArraySchema(...device.tags) }))
      }
      // What is pending makes every join encode the whole state anew; at the usual patch rate it is gone at once.
      this.broadcastPatch()
      this.onMessage('echo', (client, data) => client.send('echo', data))
    }
  }

  const http = createServer()
  const server = new Server({ greet: false, gracefullyShutdown: false, transport: new WebSocketTransport({ server: http }) })
  server.define('plant', PlantRoom)
  const listening = once(http, 'listening')
  await server.listen(0, '127.0.0.1')
  await listening

  return {
    port: http.address().port,
    tick (index) {
      for (const { device, temp } of ticks[index]) room.state.devices.get(device).temp = temp
      room.broadcastPatch()
    }
  }
}

// `number` would round to 32 bits and leave clients with other values than the server's.
export default serve(t.float64())
