/**
 * Rooms: the state that a connection sees is chosen from its URL, before the upgrade. Run it:
 * node --import=tsx examples/rooms/server.ts, then client.ts with a room's name, several times.
 */
import Fastify from 'fastify'
import juggler, { createState } from 'fastify-juggler'
import type { State } from 'fastify-juggler'

interface Room { title: string, lines: string[], present: number }

const rooms = new Map<string, State<Room>>(['kitchen', 'garden'].map((name) =>
  [name, createState<Room>({ title: name, lines: [], present: 0 })]))

const app = Fastify({ logger: true })

await app.register(juggler, {
  state: (request) => {
    const { room } = request.query as { room?: string }
    const state = rooms.get(room ?? '')
    // What is thrown here is the answer to the upgrade: no connection is made.
    if (state === undefined) throw Object.assign(new Error(`there is no room called ${room}`), { statusCode: 404 })
    return state
  }
})

app.juggler.onConnection<Room>(async (connection) => {
  const { state } = connection
  const { title } = state.data
  state.update((room) => { room.present++ })
  app.juggler.broadcast('entered', { id: connection.id, room: title }, { state })
  await connection.closed
  state.update((room) => { room.present-- })
})

app.juggler.handle<string, void, Room>('say', (connection, data) => {
  connection.state.update((room) => {
    room.lines.push(String(data).slice(0, 500))
    // The newest hundred. However long the list, this is two operations on the wire.
    if (room.lines.length > 100) room.lines.shift()
  })
})

app.get('/api/rooms', () => Object.fromEntries([...rooms].map(([name, state]) => [name, state.get('/present')])))

await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
