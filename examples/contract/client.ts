/** The other side of server.ts. Run it: node --import=tsx examples/contract/client.ts [address] */
import { JugglerError, connect } from 'fastify-juggler/client'
import { checked } from 'fastify-juggler/contract/check'
import { contract } from './contract.ts'

// Types from the contract alone; checked() has what arrives held to it as well.
const client = checked(await connect<typeof contract>(process.argv[2] ?? 'ws://127.0.0.1:8080/ws'), contract)

client.onNotify((name, data) => console.log(name, data.level, data.text))

const { station, pumps } = await client.ready
console.log(station, Object.keys(pumps))

// With a key it is a command: run at most once, and its outcome is known.
const { speed, took } = await client.send('pump/start', { id: 7 }, { key: true })
console.log('started', speed, took > 0)

console.log('set', await client.send('pump/set-speed', { id: 7, speed: 2900 }))
console.log('mode', await client.send('pump/set-mode', { id: 7 }))

try {
  await client.send('pump/set-speed', { id: 7, speed: 9000 })
} catch (error) {
  if (error instanceof JugglerError) console.log('refused', error.data)
}

await client.send('pump/stop', { id: 7 })
await client.close()
