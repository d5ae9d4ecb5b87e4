/** The small examples run as they stand, each in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { connect } from 'fastify-juggler/client'
import { launch, openPage } from '../helpers/browser/chromium.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function start (t: Test, file: string, ...args: string[]) {
  const child = spawn(process.execPath, ['--import=tsx', `examples/${file}`, ...args], {
    cwd: root, env: { ...process.env, PORT: '0', NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

/** @returns the address that the server's log names */
async function serve (t: Test, file: string): Promise<string> {
  const { lines } = start(t, file)
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const address = /Server listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(line.value)?.[1]
    if (address) return address
  }
  throw new Error(`${file} has not listened`)
}

t.test('minimal', async (t) => {
  const address = await serve(t, 'minimal/server.js')
  const { page, errors } = await openPage(await launch(t))
  await page.goto(address)
  await page.locator('#state', { hasText: '1450' }).waitFor()
  await page.locator('#speed').fill('900')
  await page.locator('#speed').blur()
  await page.locator('#state', { hasText: '900' }).waitFor()
  t.same(await (await fetch(`${address}/api/pumps`)).json(), { 7: { speed: 900 } })
  t.same(errors, [])
})

t.test('requests', async (t) => {
  const address = await serve(t, 'requests/server.ts')
  const { child, lines } = start(t, 'requests/client.ts', `${address.replace('http', 'ws')}/ws`)
  const output: string[] = []
  for (let line = await lines.next(); !line.done; line = await lines.next()) output.push(line.value)
  if (child.exitCode === null) await once(child, 'exit')
  t.equal(child.exitCode, 0)
  const text = output.join('\n')
  t.match(text, /job\/progress \{ step: 3, steps: 3 \}/)
  t.match(text, /meanwhile string[^]*answer \{ done: 3 \}/)
  t.match(text, /refused \{ code: 'STEPS'/)
  t.match(text, /late \w+Error/)
  t.match(text, /lost true/)
})

t.test('rooms', async (t) => {
  const address = (await serve(t, 'rooms/server.ts'))
  const ws = `${address.replace('http', 'ws')}/ws`
  await t.rejects(connect(`${ws}?room=attic`), 'a room that is not there answers 404')
  const garden = await connect(`${ws}?room=garden`)
  t.teardown(() => garden.close())
  const entered = new Promise((resolve) => garden.onNotify((name, data) => resolve([name, data])))
  const { lines } = start(t, 'rooms/client.ts', 'garden', 'rain', ws)
  t.match(await entered, ['entered', { room: 'garden' }])
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    if (line.value.includes('rain')) break
  }
  t.same(await (await fetch(`${address}/api/rooms`)).json(), { kitchen: 0, garden: 2 })
  t.same(garden.state.get('/lines/0'), 'rain')
})
