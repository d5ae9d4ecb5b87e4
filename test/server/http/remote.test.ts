import Fastify from 'fastify'
import type { FastifyServerOptions } from 'fastify'
import t from 'tap'
import { forwardedHops, remoteAddress } from '../../../lib/server/http/remote.ts'

async function remoteOf (headers: Record<string, string | string[]>, trustProxy: FastifyServerOptions['trustProxy'] = false, trustForwarded = true, remoteIp = '10.0.0.1') {
  const app = Fastify({ trustProxy })
  app.get('/', async (request) => remoteAddress(request, trustForwarded))
  const response = await app.inject({ url: '/', headers, remoteAddress: remoteIp } as object)
  await app.close()
  return response.body
}

const forwarded = 'for=192.0.2.60;proto=http, for="[2001:db8::17]:4711";by=203.0.113.43'

t.test('the elements of RFC 7239', async (t) => {
  t.same(forwardedHops(forwarded), ['192.0.2.60', '2001:db8::17'])
  t.same(forwardedHops('For="192.0.2.43:47011"'), ['192.0.2.43'])
  t.same(forwardedHops('for=192.0.2.43,for="[2001:db8:cafe::17]", for=unknown'), ['192.0.2.43', '2001:db8:cafe::17', 'unknown'])
  t.same(forwardedHops('for=_hidden, for="_SEVKISEK:_port"'), ['_hidden', '_SEVKISEK'])
  t.same(forwardedHops('for="a\\"b, c"'), ['a"b, c'], 'commas and escapes in quotes')
  t.same(forwardedHops('proto=https;host=example.com'), [])
  t.same(forwardedHops('for=""'), [])
  for (const malformed of ['', 'for', 'for=', 'for="open', 'for=a b', ',,', 'for=192.0.2.1;;', 'for=[::1]']) t.equal(forwardedHops(malformed), undefined, malformed)
})

t.test('without trust it is the socket', async (t) => {
  t.equal(await remoteOf({ forwarded }), '10.0.0.1', 'no trustProxy')
  t.equal(await remoteOf({ forwarded }, '10.9.9.9'), '10.0.0.1', 'another peer is trusted')
  t.equal(await remoteOf({ forwarded }, true, false), '10.0.0.1', 'no trustForwarded')
  t.equal(await remoteOf({ 'x-forwarded-for': '192.0.2.9' }), '10.0.0.1')
})

t.test('X-Forwarded-For is up to trustProxy', async (t) => {
  t.equal(await remoteOf({ 'x-forwarded-for': '192.0.2.9' }, '10.0.0.1', false), '192.0.2.9')
  t.equal(await remoteOf({ 'x-forwarded-for': '192.0.2.9' }, '10.0.0.1', true), '192.0.2.9', 'and serves where there is no Forwarded')
  t.equal(await remoteOf({ 'x-forwarded-for': '192.0.2.9', forwarded: 'for=192.0.2.8' }, '10.0.0.1', true), '192.0.2.8', 'Forwarded goes first')
  t.equal(await remoteOf({ 'x-forwarded-for': '192.0.2.9', forwarded: 'garbage' }, '10.0.0.1', true), '192.0.2.9', 'a malformed one counts for nothing')
  t.equal(await remoteOf({ 'x-forwarded-for': '192.0.2.9', forwarded: 'proto=https' }, '10.0.0.1', true), '192.0.2.9')
})

t.test('Forwarded is walked back over trusted proxies', async (t) => {
  t.equal(await remoteOf({ forwarded }, '10.0.0.1'), '2001:db8::17', 'the last element is what our proxy saw')
  t.equal(await remoteOf({ forwarded: 'for=1.2.3.4, for=192.0.2.60, for=10.0.0.2' }, '10.0.0.0/8'), '192.0.2.60')
  t.equal(await remoteOf({ forwarded: 'for=1.2.3.4, for="5.6.7.8, 10.0.0.3"' }, '10.0.0.0/8'), 'unknown', 'a comma in quotes makes no hops')
  t.equal(await remoteOf({ forwarded: 'for=1.2.3.4, for=192.0.2.60' }, (address: string) => address.startsWith('10.')), '192.0.2.60', 'a function')
  t.equal(await remoteOf({ forwarded: 'for=1.2.3.4, for=_hidden' }, '10.0.0.1'), '_hidden', 'an obfuscated hop is nobody to trust')
})

t.test('who trusts everyone gets the last element, as the reference does', async (t) => {
  t.equal(await remoteOf({ forwarded }, true), '2001:db8::17')
  t.equal(await remoteOf({ forwarded: 'for=192.0.2.60' }, true), '192.0.2.60')
  t.equal(await remoteOf({ forwarded: ['for=192.0.2.60', 'for=192.0.2.61'] }, true), '192.0.2.61', 'headers are joined')
})
