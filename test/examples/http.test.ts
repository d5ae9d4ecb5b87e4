/** The examples of the HTTP side run as they stand, each in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { launch, openPage } from '../helpers/browser/chromium.ts'
import { makeCertificate } from '../helpers/certificate.ts'
import { basic } from '../helpers/htpasswd.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs an example until the test ends. */
function run (t: Test, file: string, ...args: string[]): AsyncIterator<string> {
  const child = spawn(process.execPath, ['--import=tsx', `examples/${file}`, ...args], {
    cwd: root, env: { ...process.env, PORT: '0', NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]()
}

/** What the first line that matches says. */
async function find (lines: AsyncIterator<string>, pattern: RegExp): Promise<string> {
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const found = pattern.exec(line.value)
    if (found) return found[1] ?? found[0]
  }
  throw new Error(`the output ended without ${pattern}`)
}

const listening = /listening at (https?:\/\/[\w.]+:\d+)/

t.test('auth', async (t) => {
  const address = await find(run(t, 'auth/server.ts'), listening)
  t.equal((await fetch(address)).status, 401)
  t.same(await (await fetch(`${address}/health`)).json(), { up: true })
  t.same(await (await fetch(`${address}/api/valve`, { headers: { authorization: basic('viewer', 'view') } })).json(), { open: 0, movedBy: null })
  const browser = await launch(t)
  const operator = await openPage(browser, { httpCredentials: { username: 'operator', password: 'operate' } })
  await operator.page.goto(address)
  await operator.page.locator('#user', { hasText: 'operator' }).waitFor()
  const viewer = await openPage(browser, { httpCredentials: { username: 'viewer', password: 'view' } })
  await viewer.page.goto(address)
  await viewer.page.locator('#user', { hasText: 'viewer' }).waitFor()
  await operator.page.locator('#move').fill('70')
  await viewer.page.locator('#open', { hasText: '70' }).waitFor()
  await viewer.page.locator('#said', { hasText: 'moved by operator' }).waitFor()
  await viewer.page.locator('#move').fill('10')
  await viewer.page.locator('#said', { hasText: 'look, not touch' }).waitFor()
  t.equal(await viewer.page.locator('#open').textContent(), '70')
  t.same([...operator.errors, ...viewer.errors], [])
})

t.test('views', async (t) => {
  const address = await find(run(t, 'views/server.ts'), listening)
  t.same(await (await fetch(`${address}/api/plant?as=north`)).json(), { name: 'Plant 4', halls: { north: { power: 12.5, tenant: 'Ann & Co' } } })
  t.equal((await fetch(`${address}/api/plant?as=nobody`)).status, 403)
  const browser = await launch(t)
  const open = async (as: string) => {
    const opened = await openPage(browser)
    const frames: string[] = []
    opened.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => { frames.push(String(payload)) }))
    await opened.page.goto(`${address}/index.html?as=${as}`)
    await opened.page.locator('h1', { hasText: 'Plant 4' }).waitFor()
    return { ...opened, frames, text: () => opened.page.locator('body').innerText() }
  }
  const [operator, guest, north] = await Promise.all([open('operator'), open('guest'), open('north')])
  t.match(await operator.text(), /bearing hot[^]*Ben Ltd/)
  t.notMatch(await guest.text(), /bearing|worn|Ltd/)
  t.match(await guest.text(), /p3[^]*900[^]*south[^]*7.25/)
  t.match(await north.text(), /north[^]*12.5[^]*Ann & Co[^]*p1: 1450, p2: 0/)
  await operator.page.locator('td', { hasText: '1450' }).click()
  for (const { page } of [operator, guest]) await page.locator('td', { hasText: '1500' }).waitFor()
  await north.page.locator('#own', { hasText: 'p1: 1500' }).waitFor()
  await guest.page.locator('td', { hasText: '900' }).click()
  await guest.page.locator('#said', { hasText: 'not yours' }).waitFor()
  await operator.page.locator('#narrow').check()
  await operator.page.locator('h1', { hasText: 'not asked for' }).waitFor()
  t.match(await operator.page.locator('#pumps').innerText(), /^p1\s+1500\s+seal worn, 12 May$/)
  await operator.page.locator('#narrow').uncheck()
  await operator.page.locator('h1', { hasText: 'Plant 4' }).waitFor()
  t.ok(guest.frames.length > 1 && north.frames.length > 1)
  t.notMatch(guest.frames.join(''), /bearing|worn|Ltd|Ann/)
  t.notMatch(north.frames.join(''), /bearing|p3|Ben/)
  t.same([...operator.errors, ...guest.errors, ...north.errors], [])
})

t.test('rest-and-ws', async (t) => {
  const address = await find(run(t, 'rest-and-ws/server.ts'), listening)
  const { page, errors } = await openPage(await launch(t))
  await page.goto(address)
  t.match(page.url(), /\/live\/index\.html$/)
  const hall = page.locator('li', { hasText: 'hall' }).locator('button')
  await hall.filter({ hasText: 'off' }).waitFor()
  const put = (name: string, body: unknown) =>
    fetch(`${address}/api/lamps/${name}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  t.same(await (await put('hall', { on: true })).json(), { on: true, level: 80 })
  await hall.filter({ hasText: 'on, 80 %' }).waitFor()
  await hall.click()
  await hall.filter({ hasText: 'off' }).waitFor()
  t.match(await (await fetch(`${address}/api/lamps`)).json(), { hall: { on: false } })
  t.equal((await put('hall', { level: 101 })).status, 400)
  t.equal((await put('cellar', { on: true })).status, 404)
  t.same(errors, [])
})

t.test('tls', async (t) => {
  const { key, cert } = await makeCertificate()
  const dir = t.testdir({ 'certificate.pem': cert })
  writeFileSync(join(dir, 'server.pem'), key + cert)
  const address = await find(run(t, 'tls/server.ts', join(dir, 'server.pem')), listening)
  t.match(address, /^https:\/\/localhost:/)
  const lines = run(t, 'tls/client.ts', address, join(dir, 'certificate.pem'))
  await find(lines, /^connected/)
  const first = await find(lines, /^\d{4}-.*Z$/)
  t.ok(await find(lines, /^\d{4}-.*Z$/) > first, 'the clock goes')
})
