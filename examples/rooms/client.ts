/** Joins a room, says something, prints what happens there. node --import=tsx examples/rooms/client.ts ROOM TEXT [address] */
import { connect } from 'fastify-juggler/client'

const [room = 'kitchen', text = 'hello', address = 'ws://127.0.0.1:8080/ws'] = process.argv.slice(2)

const client = await connect(`${address}?room=${encodeURIComponent(room)}`)
client.onNotify((name, data) => console.log(name, data))
client.state.onChange('/lines', () => console.log(client.state.get('/lines')))
await client.send('say', text)
