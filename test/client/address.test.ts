import t from 'tap'
import { addressesOf, urlOf } from '../../lib/client/address.ts'

t.test('an address, or several', async (t) => {
  const urls = (input: unknown, base?: string) => addressesOf(input, undefined, base, 'me').map(urlOf)
  t.same(urls('ws://host/ws'), ['ws://host/ws?framing=plain&announce=1&journal=me'])
  t.same(urls(new URL('wss://host:1/a')), ['wss://host:1/a?framing=plain&announce=1&journal=me'])
  t.same(urls(['http://one/ws', 'https://two/ws']), ['ws://one/ws?framing=plain&announce=1&journal=me', 'wss://two/ws?framing=plain&announce=1&journal=me'])
  t.same(urls('ws://host/ws?a=%20b#part'), ['ws://host/ws?a=%20b&framing=plain&announce=1&journal=me'], 'queries stay, fragments go')
  t.same(urls('ws://host/ws?sig=a%20b+c~d%27(e)*!&x'), ['ws://host/ws?sig=a%20b+c~d%27(e)*!&x&framing=plain&announce=1&journal=me'], 'as they were written: they may be signed')
  t.same(urls('ws://host/ws?x=%20~&framing=segmented&y=%20~'), ['ws://host/ws?x=%20~&framing=segmented&y=%20~&announce=1&journal=me'])
  t.same(urls('ws://host/ws?framing=&a'), ['ws://host/ws?framing=plain&a&announce=1&journal=me'])
  t.same(urls('ws://host/ws?framing&a'), ['ws://host/ws?framing=plain&a&announce=1&journal=me'])
  t.same(urls('ws://host/ws?framings=1&xframing=2'), ['ws://host/ws?framings=1&xframing=2&framing=plain&announce=1&journal=me'])
  t.same(urls('../ws', 'https://host/plant/page/'), ['wss://host/plant/ws?framing=plain&announce=1&journal=me'], 'relative to the page')
})

t.test('the framing: the option, else what the address says, else plain', async (t) => {
  const one = (address: string, framing?: 'plain' | 'segmented' | 'auto') => {
    const [found] = addressesOf(address, framing, undefined, 'me')
    return [found!.plain ? 'plain' : 'segmented', found!.auto]
  }
  t.same(one('ws://host/'), ['plain', false])
  t.same(one('ws://host/?framing=segmented'), ['segmented', false])
  t.same(one('ws://host/?framing=segmented', 'plain'), ['plain', false])
  t.same(one('ws://host/?framing=auto'), ['plain', true])
  t.same(one('ws://host/', 'auto'), ['plain', true])
  const [address] = addressesOf('ws://host/?framing=auto', undefined, undefined, 'me')
  address!.plain = false
  t.equal(urlOf(address!), 'ws://host/?framing=segmented&announce=1&journal=me', 'the server is told what is spoken now')
})

t.test('what is no address has a code', async (t) => {
  for (const input of [undefined, null, 7, '', 'host', '/ws', 'ftp://host/', 'httpx://host/', 'ws://', [], [[]], [['ws://host/']], ['ws://host/', 'no']]) {
    t.throws(() => addressesOf(input, undefined, undefined, 'me'), { code: 'JUGGLER_ADDRESS_INVALID', name: 'JugglerClientError' }, String(input))
  }
  t.throws(() => addressesOf([], undefined, 'https://plant.example/page/', 'me'), { code: 'JUGGLER_ADDRESS_INVALID' }, 'no address is not the page')
})

t.test('no password and no token gets into an error', async (t) => {
  for (const address of ['wws://panel:s3cret@plant.example/ws', 'wss://panel:s3cret/x@plant.example/ws', 'ftp://plant.example/ws?token=s3cret&x=@', 'wss://p@s3cret@:x',
    'panel:s3cret@plant.example/ws', 'ftp://host/#access_token=s3cret', new URL('ftp://panel:s3cret@host/?t=s3cret')]) {
    try {
      addressesOf(address, undefined, undefined, 'me')
      t.fail('it is an address')
    } catch (error) {
      t.match(error, { code: 'JUGGLER_ADDRESS_INVALID' })
      t.notMatch((error as Error).message, /s3cret/)
    }
  }
})
