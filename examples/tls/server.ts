/**
 * A stand-alone server over TLS, without an app of one's own. Make a key and a certificate for this machine first:
 *
 * openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=localhost
 *   -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout server.pem -out certificate.pem
 * cat certificate.pem >> server.pem
 *
 * Then run node --import=tsx examples/tls/server.ts server.pem, and client.ts with its address and certificate.pem.
 */
import { createState, listen } from 'fastify-juggler'

const [pemFile = 'server.pem'] = process.argv.slice(2)
const clock = createState({ time: new Date().toISOString() })

const server = await listen({
  pemFile,
  tls: { minVersion: 'TLSv1.2' },
  state: clock,
  port: Number(process.env['PORT'] ?? 8443),
  fastify: { logger: { level: 'warn' } }
})
console.log(`listening at ${server.address}`)

const timer = setInterval(() => { clock.set('/time', new Date().toISOString()) }, 1000)
process.once('SIGINT', () => {
  clearInterval(timer)
  void server.close()
})
