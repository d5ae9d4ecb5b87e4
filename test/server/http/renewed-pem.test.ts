import { X509Certificate } from 'node:crypto'
import { renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { RenewedPem } from '../../../lib/server/http/renewed-pem.ts'
import { makeCertificate } from '../../helpers/certificate.ts'
import { Logs } from '../../helpers/logs.ts'

// What is tested keeps no process alive by itself
const alive = setInterval(() => {}, 1000)
t.teardown(() => { clearInterval(alive) })

const [one, two] = [await makeCertificate(), await makeCertificate()]
const serial = (certificate: { cert: string }) => new X509Certificate(certificate.cert).fingerprint256

async function setUp (t: Test) {
  const logs = new Logs()
  const folder = t.testdir({ public: {} })
  const staticDir = join(folder, 'public')
  const path = join(folder, 'server.pem')
  writeFileSync(path, one.key + one.cert)
  const pem = await RenewedPem.open({ path, tls: {}, staticDir, interval: 10 })
  const servers = [createServer(pem.tls), createServer(pem.tls)]
  for (const server of servers) await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    pem.close()
    for (const server of servers) server.close()
  })
  await pem.watch(servers[0]!, Fastify({ logger: logs.logger }).log)
  /** The certificate that a new connection gets. */
  const served = (index: number, servername: string) => new Promise<string>((resolve, reject) => {
    const { port } = servers[index]!.address() as AddressInfo
    const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })
  return { path, staticDir, logs, served }
}

t.test('new connections get the new certificate, at every address', async (t) => {
  const { path, logs, served } = await setUp(t)
  t.equal(await served(0, ''), serial(one))
  writeFileSync(`${path}.next`, two.key + two.cert)
  renameSync(`${path}.next`, path)
  await logs.line(/has been read again/)
  t.equal(await served(0, ''), serial(two))
  t.equal(await served(0, 'localhost'), serial(two))
  t.equal(await served(1, 'localhost'), serial(two))
})

t.test('what cannot be used is logged, and the one from before stays', async (t) => {
  const { path, logs, served } = await setUp(t)
  writeFileSync(path, one.key + two.cert)
  t.match(await logs.line(/cannot be used; the certificate from before stays/), { level: 50, err: { code: 'FST_JUGGLER_PEM_INVALID' } })
  t.notMatch(JSON.stringify(logs.lines), new RegExp(one.key.split('\n')[1]!.slice(0, 20)))
  t.equal(await served(0, 'localhost'), serial(one))
  writeFileSync(path, two.key + two.cert)
  await logs.line(/has been read again/)
  t.equal(await served(0, 'localhost'), serial(two))
})

t.test('one that lies in the served folder by now is not taken', async (t) => {
  const { path, staticDir, logs } = await setUp(t)
  writeFileSync(join(staticDir, 'key.pem'), two.key + two.cert)
  symlinkSync(join(staticDir, 'key.pem'), `${path}.next`)
  renameSync(`${path}.next`, path)
  t.match(await logs.line(/cannot be used/), { err: { code: 'FST_JUGGLER_SECRET_EXPOSED' } })
})
