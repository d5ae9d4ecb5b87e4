/** `connection.remote` follows the app's `trustProxy`, and `Forwarded` where the option says so. */
import type { FastifyServerOptions } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

async function remote (t: Test, headers: Record<string, string>, trustProxy: FastifyServerOptions['trustProxy'], trustForwarded: boolean): Promise<unknown> {
  const { app, origin } = await startApp(t, { juggler: { trustForwarded }, fastify: { ...(trustProxy && { trustProxy }) } })
  app.juggler.handle('remote', ({ remote }) => remote)
  const peer = await connectPeer(t, `${origin}/ws`, { headers })
  return (await peer.ask(1, 'remote')).data
}

const headers = { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.2, for="[2001:db8::17]:4711"' }

t.test('nobody is trusted by default', async (t) => {
  t.equal(await remote(t, headers, undefined, false), '127.0.0.1')
  t.equal(await remote(t, headers, undefined, true), '127.0.0.1')
  t.equal(await remote(t, headers, '10.0.0.0/8', true), '127.0.0.1', 'nor is a peer that is not the proxy')
})

t.test('X-Forwarded-For counts with trustProxy, Forwarded with trustForwarded as well', async (t) => {
  t.equal(await remote(t, headers, '127.0.0.1', false), '192.0.2.1')
  t.equal(await remote(t, headers, '127.0.0.1', true), '2001:db8::17')
  t.equal(await remote(t, headers, true, true), '2001:db8::17')
})
