import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Tickets, ticketLifetime } from '../../../lib/server/http/tickets.ts'
import type { TicketOptions } from '../../../lib/server/http/tickets.ts'
import { UserFile } from '../../../lib/server/http/user-file.ts'
import { htpasswdFile, quickReload, replaceFile, shaLine } from '../../helpers/htpasswd.ts'

// What is tested keeps no process alive by itself
const alive = setInterval(() => {}, 1000)
t.teardown(() => { clearInterval(alive) })

async function setUp (t: Test, options: Partial<TicketOptions> = {}, users: Record<string, string> = { ann: 'a', 'jürgen; x=y': 'j' }) {
  const path = htpasswdFile(t.testdir(), users)
  const file = await UserFile.open(path, Fastify().log, true, quickReload)
  t.teardown(() => { file.close() })
  const tickets = new Tickets(file, { path: '/ws', ...options })
  const reloaded = () => new Promise<void>((resolve) => { file.onChange((revoked) => { if (revoked.size > 0) resolve() }) })
  return { tickets, file, path, reloaded }
}

const cookieOf = (setCookie: string) => setCookie.split(';')[0] as string

t.test('a ticket names its user', async (t) => {
  const { tickets } = await setUp(t)
  for (const user of ['ann', 'jürgen; x=y']) {
    const cookie = cookieOf(tickets.issue(user, false))
    t.match(cookie, /^juggler-ticket-[\w-]{10}=[\w.-]+$/)
    t.equal(tickets.verify(cookie), user)
    t.equal(tickets.verify(`a=b; ${cookie};c=d`), user, 'among other cookies')
    t.equal(tickets.verify(`${tickets.name}=x; ${cookie}`), user, 'behind one that is void')
  }
})

t.test('its attributes', async (t) => {
  const { tickets } = await setUp(t, { path: '/panel/ws' })
  t.match(tickets.issue('ann', false), /; Path=\/panel\/ws; Max-Age=3600; HttpOnly; SameSite=Strict$/)
  t.match(tickets.issue('ann', true), /; HttpOnly; SameSite=Strict; Secure$/)
})

t.test('its path is what browsers compare with that of a URL', async (t) => {
  for (const [path, expected] of [
    ['/', '/'], ['/ws', '/ws'], ['/ws/', '/ws/'], ['/пульт/a b', '/%D0%BF%D1%83%D0%BB%D1%8C%D1%82/a%20b'],
    ['/rooms/:room/ws', '/rooms'], ['/:tenant/ws', '/'], ['/v-:version/ws', '/'], ['/a/*', '/a'], ['/a/b;c', '/a']
  ] as const) {
    const { tickets } = await setUp(t, { path })
    const ticket = tickets.issue('ann', false)
    t.equal(/; Path=([^;]*);/.exec(ticket)?.[1], expected, path)
    t.equal(tickets.verify(cookieOf(ticket)), 'ann')
  }
})

t.test('void: none, damaged, made up, of another path, of another key', async (t) => {
  const { tickets, file } = await setUp(t)
  const cookie = cookieOf(tickets.issue('ann', false))
  const [name, expires, mac] = cookie.split('=')[1]?.split('.') as [string, string, string]
  const of = (...parts: string[]) => `${tickets.name}=${parts.join('.')}`
  t.equal(tickets.verify(of(name, expires, mac)), 'ann')
  const base64 = (text: string) => Buffer.from(text).toString('base64url')
  for (const header of [
    undefined, '', 'ann', tickets.name, `${tickets.name}=`, of(name), of(name, expires), of(name, expires, ''), of(name, expires, mac.slice(1)),
    of(name, expires, `${mac.slice(0, -2)}AA`), of(base64('jürgen; x=y'), expires, mac), of(base64('nobody'), expires, mac),
    of(name, String(Number(expires) + 1), mac), of(name, '1e99', mac), of(name, `0${expires}`, mac), `x${cookie}`
  ]) t.equal(tickets.verify(header), undefined, String(header))
  t.equal(new Tickets(file, { path: '/other' }).verify(cookie), undefined)
  t.equal(new Tickets(file, { path: '/ws', secret: 'x'.repeat(32) }).verify(cookie), undefined)
})

t.test('it expires', async (t) => {
  let now = 1_800_000_000_000
  const { tickets } = await setUp(t, { now: () => now })
  const cookie = cookieOf(tickets.issue('ann', false))
  now += (ticketLifetime - 1) * 1000
  t.equal(tickets.verify(cookie), 'ann')
  now += 1000
  t.equal(tickets.verify(cookie), undefined)
})

t.test('nodes with the same file, or the same secret, take each other\'s', async (t) => {
  const one = await setUp(t)
  const two = await setUp(t)
  t.equal(two.tickets.verify(cookieOf(one.tickets.issue('ann', false))), 'ann')
  const secret = Buffer.alloc(32, 7)
  t.equal(new Tickets(two.file, { path: '/ws', secret }).verify(cookieOf(new Tickets(one.file, { path: '/ws', secret }).issue('ann', false))), 'ann')
})

for (const secret of [undefined, 's'.repeat(32)]) {
  t.test(`void when its user is removed or gets another password, ${secret ? 'with a secret' : 'with the key of the file'}`, async (t) => {
    const { tickets, path, reloaded } = await setUp(t, { secret }, { ann: 'a', bob: 'b', cem: 'c' })
    const [ann, bob, cem] = ['ann', 'bob', 'cem'].map((user) => cookieOf(tickets.issue(user, false)))
    const changed = reloaded()
    replaceFile(path, shaLine('bob', 'new') + shaLine('cem', 'c'))
    await changed
    t.equal(tickets.verify(ann), undefined)
    t.equal(tickets.verify(bob), undefined)
    t.equal(tickets.verify(cem), secret === undefined ? undefined : 'cem', 'another file is another key; a secret stays')
  })
}

t.test('one who comes back with the old hash does not make old tickets good again', async (t) => {
  const times = { now: 1_800_000_000_000 }
  const { tickets, path, file, reloaded } = await setUp(t, { secret: 's'.repeat(32), now: () => times.now }, { ann: 'a', bob: 'b' })
  const old = cookieOf(tickets.issue('ann', false))
  const bobs = cookieOf(tickets.issue('bob', false))
  const gone = reloaded()
  replaceFile(path, shaLine('bob', 'b'))
  await gone
  t.equal(tickets.verify(old), undefined)

  times.now += 60_000
  const back = new Promise<void>((resolve) => { file.onChange(() => { if (file.users.has('ann')) resolve() }) })
  const meanwhile = cookieOf(new Tickets(await UserFile.open(htpasswdFile(t.testdir(), { ann: 'a' }), Fastify().log, false),
    { path: '/ws', secret: 's'.repeat(32), now: () => times.now - 1000 }).issue('ann', false))
  replaceFile(path, shaLine('ann', 'a') + shaLine('bob', 'b'))
  await back
  t.equal(tickets.verify(old), undefined)
  t.equal(tickets.verify(meanwhile), undefined, 'nor one that another node has issued before this one saw the return')
  t.equal(tickets.verify(bobs), 'bob', 'others keep theirs')
  times.now += 1
  t.equal(tickets.verify(cookieOf(tickets.issue('ann', false))), 'ann')
})

t.test('so it is with a password that is changed and changed back', async (t) => {
  let now = 1_800_000_000_000
  const { tickets, path, reloaded } = await setUp(t, { now: () => now })
  const old = cookieOf(tickets.issue('ann', false))
  for (const password of ['b', 'a']) {
    const changed = reloaded()
    now += 1000
    replaceFile(path, shaLine('ann', password) + shaLine('jürgen; x=y', 'j'))
    await changed
    t.equal(tickets.verify(old), undefined, password)
  }
  now += 1
  t.equal(tickets.verify(cookieOf(tickets.issue('ann', false))), 'ann')
})

t.test('two panels on one host have cookies of different names: of another path, of another key', async (t) => {
  const one = await setUp(t)
  const names = [
    one.tickets.name,
    new Tickets(one.file, { path: '/panel/ws' }).name,
    new Tickets(one.file, { path: '/ws', secret: 's'.repeat(32) }).name,
    (await setUp(t, {}, { ann: 'a' })).tickets.name
  ]
  t.equal(new Set(names).size, 4, names.join(' '))
  t.equal((await setUp(t)).tickets.name, one.tickets.name, 'nodes with one file agree')
})

t.test('the path in the cookie may be another than that of the route, as behind a proxy', async (t) => {
  const { tickets } = await setUp(t)
  const cookie = tickets.issue('ann', false, '/panel/ws')
  t.match(cookie, /; Path=\/panel\/ws; /)
  t.equal(tickets.verify(cookieOf(cookie)), 'ann')
})
