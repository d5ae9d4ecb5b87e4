import t from 'tap'
import { addressKey } from '../../lib/server/address-key.ts'
import fc from '../helpers/fast-check.ts'

t.test('what a proxy takes for an address is bounded as well', async (t) => {
  const long = addressKey('_'.repeat(5000))
  t.equal(long.length, 32)
  t.not(long, addressKey('_'.repeat(5001)))
  t.equal(addressKey('unknown'), 'unknown')
})

t.test('an IPv6 host is its first 64 bits, however it is written', async (t) => {
  t.equal(addressKey('192.0.2.1'), '192.0.2.1')
  t.equal(addressKey('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(addressKey('2001:db8:0:1::1'), addressKey('2001:DB8:0:1:ffff:ffff:ffff:ffff'))
  t.equal(addressKey('2001:db8:0:1::1'), addressKey('2001:0db8:0000:0001::2'))
  t.not(addressKey('2001:db8:0:1::1'), addressKey('2001:db8:0:2::1'))
  t.equal(addressKey('::1'), '0:0:0:0::/64')
  t.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0::/64')
  t.equal(addressKey('64:ff9b::192.0.2.1'), '64:ff9b:0:0::/64')
  t.equal(addressKey('2001:db8::'), '2001:db8:0:0::/64')
  t.equal(addressKey('_hidden'), '_hidden')
})

t.test('every spelling that URL takes has the key of its full form', async () => {
  fc.assert(fc.property(fc.ipV6(), (address) => {
    const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
    if (canonical.startsWith('::ffff:')) return true
    return addressKey(address) === addressKey(canonical)
  }))
})
