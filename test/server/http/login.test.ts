import { writeFileSync } from 'node:fs'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import type { HashQueue } from '../../../lib/server/http/hash-queue.ts'
import { Login } from '../../../lib/server/http/login.ts'
import { Throttle } from '../../../lib/server/http/throttle.ts'
import { UserFile } from '../../../lib/server/http/user-file.ts'
import { htpasswdFile, quickReload, replaceFile, shaLine } from '../../helpers/htpasswd.ts'

const unauthorized = { code: 'FST_JUGGLER_UNAUTHORIZED', statusCode: 401 }
const throttled = { code: 'FST_JUGGLER_THROTTLED', statusCode: 429 }
const apr1 = 'ann:$apr1$Salt0$hPxtSJAry5WazprtBo81d.\n'

// What is tested keeps no process alive by itself
const alive = setInterval(() => {}, 1000)
t.teardown(() => { clearInterval(alive) })

async function setUp (t: Test, content?: string, queue?: HashQueue) {
  const clock = { now: 0 }
  const path = htpasswdFile(t.testdir(), { ann: 'secret', jürgen: 'grüße' })
  if (content !== undefined) writeFileSync(path, content)
  const file = await UserFile.open(path, Fastify().log, true, quickReload)
  const login = new Login(file, queue, new Throttle(undefined, () => clock.now))
  t.teardown(async () => {
    file.close()
    await login.close()
  })
  const check = (user: string, password: string, ip = '192.0.2.1') => login.check([{ user, password }], ip)
  const reloaded = () => new Promise<void>((resolve) => { file.onChange((revoked) => { if (revoked.size > 0) resolve() }) })
  return { path, check, login, clock, reloaded }
}

t.test('right and wrong', async (t) => {
  const { check, login } = await setUp(t)
  t.equal(await check('ann', 'secret'), 'ann')
  for (const [user, password] of [['ann', 'Secret'], ['ann', ''], ['Ann', 'secret'], ['bob', 'secret'], ['', ''], ['__proto__', 'x'], ['ann', 'secret\n']] as const) {
    await t.rejects(check(user, password), unauthorized, `${user}:${password}`)
  }
  await t.rejects(login.check([], '192.0.2.1'), unauthorized)
  t.equal(await check('ann', 'secret'), 'ann', 'wrong tries do not spoil the right password')
})

t.test('every reading of the header is tried', async (t) => {
  const { login } = await setUp(t)
  const readings = [{ user: 'jÃ¼rgen', password: 'grÃ¼Ã\u009fe' }, { user: 'jürgen', password: 'grüße' }]
  t.equal(await login.check(readings, '192.0.2.1'), 'jürgen')
  t.equal(await login.check(readings, '192.0.2.1'), 'jürgen', 'and remembered')
})

t.test('passwords over 1,024 bytes, and empty ones, are refused before they are hashed', async (t) => {
  const { check } = await setUp(t, shaLine('long', 'x'.repeat(1025)) + shaLine('fits', 'x'.repeat(1024)) + shaLine('empty', '') + shaLine('wide', 'ü'.repeat(600)))
  t.equal(await check('fits', 'x'.repeat(1024)), 'fits')
  await t.rejects(check('long', 'x'.repeat(1025)), unauthorized)
  await t.rejects(check('wide', 'ü'.repeat(600)), unauthorized, 'bytes count, not characters')
  await t.rejects(check('empty', ''), unauthorized)
})

t.test('guesses are throttled; the rightful user, once in, is not', async (t) => {
  const { check, clock } = await setUp(t)
  await check('ann', 'secret')
  const codes = new Map<string, number>()
  for (let i = 0; i < 10_000; i++) {
    const { code } = await check('ann', `guess ${i}`).then(() => ({ code: 'in' }), (error) => error)
    codes.set(code, (codes.get(code) ?? 0) + 1)
    if (i % 1000 === 0) t.equal(await check('ann', 'secret'), 'ann', `after ${i + 1} guesses`)
  }
  t.same([...codes], [['FST_JUGGLER_UNAUTHORIZED', 10], ['FST_JUGGLER_THROTTLED', 9990]])
  t.equal(await check('ann', 'secret', '192.0.2.2'), 'ann', 'from elsewhere, for the first time')
  await t.rejects(check('ann', 'Secret'), throttled)
  clock.now += 1000
  await t.rejects(check('ann', 'Secret'), unauthorized, 'time brings new guesses')
})

t.test('a throttled guess is refused even if it is right, so that guessing goes no faster', async (t) => {
  const { check, clock } = await setUp(t)
  for (let i = 0; i < 10; i++) await t.rejects(check('ann', `guess ${i}`), unauthorized)
  await t.rejects(check('ann', 'secret'), throttled)
  clock.now += 1000
  t.equal(await check('ann', 'secret'), 'ann')
})

t.test('one that is remembered for an address does not let guesses from another go faster', async (t) => {
  const { check } = await setUp(t)
  await check('ann', 'secret', '192.0.2.1')
  for (let i = 0; i < 10; i++) await t.rejects(check('ann', `guess ${i}`, '192.0.2.2'), unauthorized)
  await t.rejects(check('ann', 'secret', '192.0.2.2'), throttled)
})

t.test('many sockets of one user at once share one check', async (t) => {
  const { check } = await setUp(t, apr1)
  const all = await Promise.all(Array.from({ length: 500 }, () => check('ann', 'secret')))
  t.ok(all.every((user) => user === 'ann'))
})

/** Counts hashes, and answers when it is told to. */
function heldQueue () {
  const held: Array<(matches: boolean) => void> = []
  const queue = { check: () => new Promise<boolean>((resolve) => { held.push(resolve) }), close: async () => {} }
  return { held, queue: queue as unknown as HashQueue }
}

t.test('a hundred addresses with one login share one hash, at once and later', async (t) => {
  const { held, queue } = heldQueue()
  const { check } = await setUp(t, apr1, queue)
  const addresses = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`)
  const all = Promise.all(addresses.map((ip) => check('ann', 'secret', ip)))
  t.equal(held.length, 1)
  held[0]!(true)
  t.ok((await all).every((user) => user === 'ann'))
  t.equal(await check('ann', 'secret', '198.51.100.1'), 'ann')
  t.equal(held.length, 1)
  void check('ann', 'another', '192.0.2.1').catch(() => {})
  void check('bob', 'secret', '192.0.2.1').catch(() => {})
  t.equal(held.length, 3, 'another password or user is another hash')
})

t.test('sharing a hash, each address pays for its own guess', async (t) => {
  const { held, queue } = heldQueue()
  const { check } = await setUp(t, apr1, queue)
  for (let i = 0; i < 10; i++) {
    const both = Promise.allSettled([check('ann', `guess ${i}`, '192.0.2.1'), check('ann', `guess ${i}`, '192.0.2.2')])
    t.equal(held.length, i + 1)
    held[i]!(false)
    await both
  }
  await t.rejects(check('ann', 'guess', '192.0.2.1'), throttled)
  await t.rejects(check('ann', 'guess', '192.0.2.2'), throttled)
})

t.test('what is remembered outlives changes of other users', async (t) => {
  const { held, queue } = heldQueue()
  const { check, path, reloaded } = await setUp(t, `${apr1}${shaLine('bob', 'b')}`, queue)
  const first = check('ann', 'secret')
  held[0]!(true)
  await first
  const changed = reloaded()
  replaceFile(path, apr1)
  await changed
  t.equal(await check('ann', 'secret'), 'ann')
  t.equal(held.length, 1)
})

t.test('user names over 256 bytes are refused before anything is done', async (t) => {
  const { held, queue } = heldQueue()
  const { check } = await setUp(t, apr1, queue)
  await t.rejects(check('u'.repeat(257), 'x'), unauthorized)
  await t.rejects(check('ü'.repeat(129), 'x'), unauthorized, 'bytes count, not characters')
  t.equal(held.length, 0)
  void check('u'.repeat(256), 'x').catch(() => {})
  t.equal(held.length, 1)
})

t.test('slow hashes: right, wrong, and unknown users', async (t) => {
  const { check } = await setUp(t, apr1)
  t.equal(await check('ann', 'secret'), 'ann')
  await t.rejects(check('ann', 'wrong'), unauthorized)
  await t.rejects(check('nobody', 'secret'), unauthorized)
})

t.test('a file read again counts at once', async (t) => {
  const { check, path, reloaded } = await setUp(t)
  await check('ann', 'secret')
  const changed = reloaded()
  replaceFile(path, shaLine('ann', 'other') + shaLine('bob', 'b'))
  await changed
  await t.rejects(check('ann', 'secret'), unauthorized, 'what was remembered is forgotten')
  t.equal(await check('ann', 'other'), 'ann')
  t.equal(await check('bob', 'b'), 'bob')
})

t.test('a check under way while the user is removed fails', async (t) => {
  let finish = (_matches: boolean): void => {}
  const queue = { check: () => new Promise<boolean>((resolve) => { finish = resolve }), close: async () => {} }
  const { check, path, reloaded } = await setUp(t, apr1, queue as unknown as HashQueue)
  const changed = reloaded()
  const verdict = check('ann', 'secret')
  replaceFile(path, shaLine('bob', 'b'))
  await changed
  finish(true)
  await t.rejects(verdict, unauthorized)
})
