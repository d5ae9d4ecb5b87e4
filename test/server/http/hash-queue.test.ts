import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { HashQueue } from '../../../lib/server/http/hash-queue.ts'
import type { PasswordHash } from '../../../lib/server/http/htpasswd.ts'

/** Of "secret"; bcrypt of the lowest cost. */
const apr1: PasswordHash = { form: 'apr1', text: '$apr1$Salt0$hPxtSJAry5WazprtBo81d.' }
const bcrypt: PasswordHash = { form: 'bcrypt', text: '$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW' }
const sha1: PasswordHash = { form: 'sha1', text: '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=' }

// One for most tests: starting its thread takes longer than they do
const queue = new HashQueue()
t.teardown(() => queue.close())

t.test('checks every form', async (t) => {
  for (const hash of [apr1, bcrypt, sha1]) {
    t.equal(await queue.check('secret', hash, 'a'), true, hash.form)
    t.equal(await queue.check('Secret', hash, 'a'), false, hash.form)
  }
})

t.test('many at once each get their own answer', async (t) => {
  const passwords = ['secret', 'wrong', 'secret', 'x', '', 'secret']
  const answers = await Promise.all(passwords.map((password, i) => queue.check(password, i % 2 ? bcrypt : apr1, `address ${i}`)))
  t.same(answers, passwords.map((password) => password === 'secret'))
})

t.test('the event loop goes on meanwhile', async (t) => {
  let turns = 0
  let done = false
  // some 100 ms of work on any machine
  const slow: PasswordHash = { form: 'bcrypt', text: bcrypt.text.replace('$04$', '$10$') }
  const check = queue.check('secret', slow, 'a').then(() => { done = true })
  while (!done) {
    turns++
    await new Promise(setImmediate)
  }
  await check
  t.ok(turns > 10, `${turns} turns`)
})

t.test('addresses take turns: one with a long queue does not hold up another', async (t) => {
  const order: string[] = []
  const ask = (address: string) => queue.check('x', apr1, address).then(() => order.push(address))
  const many = Array.from({ length: 10 }, () => ask('flood'))
  await Promise.all([...many, ask('other')])
  t.ok(order.indexOf('other') <= 2, order.join(' '))
})

t.test('what waits is bounded, for an address and for all', async (t) => {
  const queue = new HashQueue(undefined, { perAddress: 3, total: 8 })
  t.teardown(() => queue.close())
  const refusedOf = async (checks: Array<Promise<boolean>>) => (await Promise.allSettled(checks)).filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  const own = await refusedOf(Array.from({ length: 10 }, () => queue.check('x', apr1, 'flood')))
  t.equal(own.length, 6, 'one runs, three wait')
  t.match(own[0]?.reason, { code: 'FST_JUGGLER_LOGIN_BUSY', statusCode: 503 })
  t.equal((await refusedOf(Array.from({ length: 20 }, (_, i) => queue.check('x', apr1, `address ${i}`)))).length, 11, 'one runs, eight wait')
  t.equal(await queue.check('secret', apr1, 'flood'), true, 'afterwards it goes on')
})

t.test('closing rejects what waits, ends the thread, and may be done twice', async (t) => {
  const queue = new HashQueue()
  const checks = [queue.check('x', apr1, 'a'), queue.check('x', apr1, 'a')]
  const settled = Promise.allSettled(checks)
  await queue.close()
  await queue.close()
  t.same((await settled).map(({ status }) => status), ['rejected', 'rejected'])
  await t.rejects(queue.check('x', apr1, 'a'), { code: 'FST_JUGGLER_LOGIN_BUSY' })
})

/** The queue in a bundle of its own, and beside it the thread's file, if any. Not t.mockImport: see "Traps" in CONTRIBUTING.md. */
async function bundled (t: Test, thread?: string): Promise<typeof HashQueue> {
  const outfile = join(t.testdir(thread === undefined ? {} : { 'hash-worker.js': thread }), 'bundle.js')
  await build({
    entryPoints: [fileURLToPath(new URL('../../../lib/server/http/hash-queue.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile
  })
  const { HashQueue } = await import(pathToFileURL(outfile).href) as typeof import('../../../lib/server/http/hash-queue.ts')
  return HashQueue
}

t.test('without a thread, as in a bundle that lacks its file, it goes on here and says so once', async (t) => {
  const errors: Error[] = []
  const queue = new (await bundled(t))((error) => { errors.push(error) })
  t.teardown(() => queue.close())
  const answers = await Promise.all([queue.check('secret', apr1, 'a'), queue.check('wrong', apr1, 'a'), queue.check('secret', bcrypt, 'b')])
  t.same(answers, [true, false, true])
  t.equal(await queue.check('secret', apr1, 'a'), true)
  t.equal(errors.length, 1)
})

t.test('a thread that throws what is no error is told of as an error', async (t) => {
  const errors: Error[] = []
  const queue = new (await bundled(t, 'throw 7'))((error) => { errors.push(error) })
  t.teardown(() => queue.close())
  t.equal(await queue.check('secret', apr1, 'a'), true)
  t.ok(errors[0] instanceof Error)
  t.equal(errors[0]?.cause, 7)
})

t.test('a thread that dies of its work leaves nobody waiting, and the next check has a new one', async (t) => {
  const queue = new (await bundled(t, `
    import { parentPort } from 'node:worker_threads'
    let answered = false
    parentPort.on('message', ({ id }) => {
      if (answered) throw new RangeError('died')
      answered = true
      parentPort.postMessage({ id, matches: true })
    })`))(() => t.fail('a thread could be had'))
  t.teardown(() => queue.close())
  t.equal(await queue.check('secret', apr1, 'a'), true)
  const both = await Promise.allSettled([queue.check('secret', apr1, 'a'), queue.check('secret', apr1, 'b')])
  t.match(both, [{ reason: { name: 'RangeError', message: 'died' } }, { reason: { name: 'RangeError', message: 'died' } }])
  t.equal(await queue.check('secret', apr1, 'a'), true)
})
