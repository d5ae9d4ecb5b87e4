import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { hostCheck, isHost, normalizeHost, normalizeOrigin, originCheck } from '../../../lib/server/http/origins.ts'

const request = (origin: string | undefined, host = 'panel.example') => ({ host, headers: { origin } }) as FastifyRequest

t.test('an origin in one spelling', async (t) => {
  for (const [text, expected] of [
    ['http://panel.example', 'http://panel.example'],
    ['HTTPS://Panel.Example', 'https://panel.example'],
    ['https://panel.example:443', 'https://panel.example'],
    ['http://panel.example:443', 'http://panel.example:443'],
    ['http://[2001:DB8::1]:80', 'http://[2001:db8::1]'],
    ['capacitor://Localhost', 'capacitor://localhost'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['null', undefined], ['', undefined], ['panel.example', undefined], ['https://', undefined],
    ['https://panel.example/', undefined], ['https://panel.example/path', undefined], ['https://panel.example?x', undefined],
    ['https://user@panel.example', undefined], ['https://a.example, https://b.example', undefined],
    ['https://panel.example:99999', undefined], ['https:\\\\panel.example', undefined]
  ] as const) t.equal(normalizeOrigin(text), expected, text)
})

t.test('a host in one spelling', async (t) => {
  for (const [text, expected] of [
    ['Panel.Example', 'panel.example'], ['panel.example:80', 'panel.example'], ['panel.example:8080', 'panel.example:8080'],
    ['[::1]:8080', '[::1]:8080'], ['[0::1]', '[::1]'], ['127.0.0.1', '127.0.0.1'], ['under_score.local', 'under_score.local'],
    ['', undefined], ['user@panel.example', undefined], ['panel.example/', undefined], ['panel.example:', undefined],
    ['a b', undefined], ['panel.example:99999', undefined], ['[::1', undefined], ['a\\b', undefined], ['a.example, b.example', undefined]
  ] as const) t.equal(normalizeHost(text), expected, text)
  t.equal(normalizeHost('panel.example:443', 'https:'), 'panel.example')
  t.ok(isHost('panel.example'))
  t.notOk(isHost('http://panel.example'))
})

t.test('same origin: host and port, whatever the scheme', async (t) => {
  const check = originCheck(undefined)
  const same = [
    ['http://panel.example', 'panel.example'], ['https://panel.example', 'panel.example'], ['https://panel.example', 'panel.example:443'],
    ['http://panel.example', 'panel.example:80'], ['http://panel.example:8080', 'panel.example:8080'], ['https://PANEL.example', 'Panel.Example'],
    ['http://[::1]:8080', '[::1]:8080'], ['http://127.0.0.1:80', '127.0.0.1']
  ] as const
  for (const [origin, host] of same) t.ok(check(request(origin, host)), `${origin} at ${host}`)
  const other = [
    ['http://evil.example', 'panel.example'], ['http://panel.example:81', 'panel.example'], ['http://panel.example', 'panel.example:81'],
    ['https://panel.example', 'panel.example:80'], ['http://panel.example.evil.example', 'panel.example'], ['http://evilpanel.example', 'panel.example'],
    ['null', 'panel.example'], ['', 'panel.example'], ['http://panel.example', ''], ['http://panel.example', 'user@panel.example'],
    ['file://panel.example', 'panel.example'], ['http://user@panel.example', 'panel.example'], ['http://panel.example, http://panel.example', 'panel.example'],
    ['http://127.0.0.1', 'localhost'], ['http://panel.example/', 'panel.example']
  ] as const
  for (const [origin, host] of other) t.notOk(check(request(origin, host)), `${origin} at ${host}`)
  t.ok(check(request(undefined)), 'no browser')
})

t.test('a list: those and no others', async (t) => {
  const check = originCheck(['https://a.example', 'http://b.example:80'])
  for (const origin of ['https://a.example', 'https://A.example:443', 'http://b.example']) t.ok(check(request(origin)), origin)
  for (const origin of ['http://a.example', 'https://a.example:444', 'http://panel.example', 'null', '']) t.notOk(check(request(origin)), origin)
  t.ok(check(request(undefined)))
})

t.test('true: any; a function: what it says', async (t) => {
  t.ok(originCheck(true)(request('null')))
  const asked: string[] = []
  const check = originCheck(async (origin, { host }) => {
    asked.push(origin, host)
    return origin === 'null'
  })
  t.equal(await check(request('null')), true)
  t.equal(await check(request('http://a.example')), false)
  t.equal(await check(request(undefined)), true, 'not asked about what is no browser')
  t.same(asked, ['null', 'panel.example', 'http://a.example', 'panel.example'])
})

t.test('hosts: with a port that port, without one any', async (t) => {
  const check = hostCheck(['Panel.local', '192.0.2.1:8080', '[::1]'])
  for (const host of ['panel.local', 'PANEL.LOCAL:8080', '192.0.2.1:8080', '[::1]', '[::1]:8080']) t.ok(check(request(undefined, host)), host)
  for (const host of ['', 'evil.example', 'panel.local.evil.example', '192.0.2.1', '192.0.2.1:81', '[::2]', 'panel.local:', 'panel.local@evil.example', 'evil.example, panel.local']) {
    t.notOk(check(request(undefined, host)), host)
  }
})

t.test('hosts: browsers leave a default port out, and shorten IPv6', async (t) => {
  const check = hostCheck(['panel.local:80', 'tls.local:443', '[0:0:0:0:0:0:0:1]:80', '[2001:DB8:0::1]'])
  for (const host of ['panel.local', 'panel.local:80', 'tls.local', 'tls.local:443', '[::1]', '[::1]:80', '[2001:db8::1]', '[2001:db8::1]:8080']) t.ok(check(request(undefined, host)), host)
  for (const host of ['panel.local:443', 'panel.local:8080', 'tls.local:80', '[::1]:81', 'other.local']) t.notOk(check(request(undefined, host)), host)
})
