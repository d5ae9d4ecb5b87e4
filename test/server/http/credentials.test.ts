import t from 'tap'
import { readCredentials } from '../../../lib/server/http/credentials.ts'

const basic = (text: string, encoding: BufferEncoding = 'utf8') => `Basic ${Buffer.from(text, encoding).toString('base64')}`

t.test('reads user and password, the first colon apart', async (t) => {
  t.same(readCredentials(basic('ann:secret')), [{ user: 'ann', password: 'secret' }])
  t.same(readCredentials(basic('ann:a:b:')), [{ user: 'ann', password: 'a:b:' }])
  t.same(readCredentials(basic('ann:')), [{ user: 'ann', password: '' }])
  t.same(readCredentials(basic(':')), [{ user: '', password: '' }])
})

t.test('nothing without a colon, or without anything', async (t) => {
  t.same(readCredentials(basic('ann')), [])
  t.same(readCredentials('Basic'), [])
  t.same(readCredentials(''), [])
})

t.test('UTF-8 first, then Latin-1', async (t) => {
  t.same(readCredentials(basic('jürgen:grüße')), [{ user: 'jürgen', password: 'grüße' }, { user: 'jÃ¼rgen', password: 'grÃ¼Ã\u009fe' }])
  t.same(readCredentials(basic('jürgen:grüße', 'latin1')), [{ user: 'jürgen', password: 'grüße' }])
})

t.test('a byte order mark belongs to what was typed', async (t) => {
  t.equal(readCredentials(basic('\uFEFFann:x'))[0]?.user, '\uFEFFann')
})
