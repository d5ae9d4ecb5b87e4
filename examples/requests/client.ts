/** The other side of server.ts. Run it: node --import=tsx examples/requests/client.ts [address] */
import { ConnectionClosedError, JugglerError, connect } from 'fastify-juggler/client'

const client = await connect(process.argv[2] ?? 'ws://127.0.0.1:8080/ws', {
  onNotify: (name, data) => console.log(name, data)
})

const job = client.send('job/run', { steps: 3 })
console.log('meanwhile', typeof await client.send('time'))
console.log('answer', await job)

try {
  await client.send('job/run', { steps: 0 })
} catch (error) {
  if (error instanceof JugglerError) console.log('refused', error.data)
}

const late = client.send('job/run', { steps: 100 }, { timeout: 100 })
console.log('late', await late.catch((error: Error) => error.name))

const lost = client.send('job/run', { steps: 100 })
await client.close()
console.log('lost', await lost.catch((error: unknown) => error instanceof ConnectionClosedError))
