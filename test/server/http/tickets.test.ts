import { writeFileSync } from 'node:fs'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { Tickets, ticketCookie, ticketLifetime } from '../../../lib/server/http/tickets.ts'
import type { TicketOptions } from '../../../lib/server/http/tickets.ts'
import { UserFile } from '../../../lib/server/http/user-file.ts'
import { htpasswdFile, shaLine } from '../../helpers/htpasswd.ts'

// What is tested keeps no process alive by itself
const alive = setInterval(() => {}, 1000)
t.teardown(() => { clearInterval(alive) })

async function setUp (t: Test, options: Partial<TicketOptions> = {}, users: Record<string, string> = { ann: 'a', 'jürgen; x=y': 'j' }) {
  const path = htpasswdFile(t.testdir(), users)
  const file = await UserFile.open(path, Fastify().log, true, 10)
  t.teardown(() => { file.close() })
  const tickets = new Tickets(file, { path: '/ws', ...options })
  const reloaded = () => new Promise<void>((resolve) => { file.onChange(() => { resolve() }) })
  return { tickets, file, path, reloaded }
}

const cookieOf = (setCookie: string) => setCookie.split(';')[0] as string

t.test('a ticket names its user', async (t) => {
  const { tickets } = await setUp(t)
  for (const user of ['ann', 'jürgen; x=y']) {
    const cookie = cookieOf(tickets.issue(user, false))
    t.match(cookie, /^juggler-ticket=[\w.-]+$/)
    t.equal(tickets.verify(cookie), user)
    t.equal(tickets.verify(`a=b; ${cookie};c=d`), user, 'among other cookies')
    t.equal(tickets.verify(`${ticketCookie}=x; ${cookie}`), user, 'behind one that is void')
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
  const of = (...parts: string[]) => `${ticketCookie}=${parts.join('.')}`
  t.equal(tickets.verify(of(name, expires, mac)), 'ann')
  const base64 = (text: string) => Buffer.from(text).toString('base64url')
  for (const header of [
    undefined, '', 'ann', ticketCookie, `${ticketCookie}=`, of(name), of(name, expires), of(name, expires, ''), of(name, expires, mac.slice(1)),
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
    writeFileSync(path, shaLine('bob', 'new') + shaLine('cem', 'c'))
    await changed
    t.equal(tickets.verify(ann), undefined)
    t.equal(tickets.verify(bob), undefined)
    t.equal(tickets.verify(cem), secret === undefined ? undefined : 'cem', 'another file is another key; a secret stays')
  })
}
