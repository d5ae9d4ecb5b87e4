/**
 * Connects to the server beside it, and verifies that it is the one with that certificate. Run it:
 * node --import=tsx examples/tls/client.ts https://localhost:8443 certificate.pem
 */
import { readFile } from 'node:fs/promises'
import { connect } from 'fastify-juggler/client'

const [address = 'https://localhost:8443', certificate = 'certificate.pem'] = process.argv.slice(2)

const client = await connect(new URL('/ws', address), { tls: { ca: await readFile(certificate) } })
client.state.onChange(() => { console.log(client.state.get('/time')) })
console.log('connected', client.state.get('/time'))
process.once('SIGINT', () => { void client.close() })
