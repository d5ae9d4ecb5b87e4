/** The example of a contract runs as it stands: its server, its client in Node, and its page. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { launch, openPage } from '../helpers/browser/chromium.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function start (t: Test, file: string, ...args: string[]) {
  const child = spawn(process.execPath, ['--import=tsx', `examples/contract/${file}`, ...args], {
    cwd: root, env: { ...process.env, PORT: '0', NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return { child, lines: createInterface({ input: child.stdout }) }
}

/** @returns the server's address, and what it has logged since */
async function serve (t: Test): Promise<{ address: string, logged: string[] }> {
  const { lines } = start(t, 'server.ts')
  const logged: string[] = []
  const address = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      logged.push(line)
      const found = /Server listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1]
      if (found) resolve(found)
    })
    lines.on('close', () => reject(new Error(`it has not listened:\n${logged.join('\n')}`)))
  })
  return { address, logged }
}

t.test('the client in Node', async (t) => {
  const { address, logged } = await serve(t)
  const { child, lines } = start(t, 'client.ts', `${address.replace('http', 'ws')}/ws`)
  const output: string[] = []
  for await (const line of lines) output.push(line)
  if (child.exitCode === null) await once(child, 'exit')
  t.equal(child.exitCode, 0)
  const text = output.join('\n')
  t.match(text, /Riverside \[ '6', '7', '8' \]\nstarted 1450 true\n/)
  t.match(text, /danger pump 7 runs at 2900 1\/min/)
  t.match(text, /set \{ from: \d+, to: 2900 \}\nmode auto\n/)
  t.match(text, /refused \{[^]*code: 'JUGGLER_DATA_INVALID'[^]*message: 'data\/speed must be <= 3000'/)
  t.match(logged.find((line) => line.includes('request pump/start')), /"success":true,"repeated":false/)
  const document = await (await fetch(`${address}/asyncapi.json`)).json()
  t.match(document, { asyncapi: '3.1.0', info: { title: 'Pump station' }, operations: { 'notify.alarm': {}, 'request.pump_start': {} } })
})

t.test('the page', async (t) => {
  const { address, logged } = await serve(t)
  const browser = await launch(t)
  const { page, errors } = await openPage(browser, { viewport: { width: 360, height: 740 } })
  const fetched: string[] = []
  page.on('request', (request) => fetched.push(request.url()))
  await page.goto(address)
  await page.locator('#link', { hasText: 'Live' }).waitFor()
  t.equal(await page.locator('h1').textContent(), 'Riverside')
  const main = page.locator('[data-id="7"]')
  const outcome = (text: string) => main.locator('.outcome', { hasText: text }).waitFor()

  // By keyboard, and pressed twice: one command
  await main.locator('.start').press('Enter')
  await outcome('Starting')
  await main.locator('.start').press('Enter')
  await outcome('Started: at 1450 1/min')
  await main.locator('.lamp-text', { hasText: 'Running' }).waitFor()
  t.equal(logged.filter((line) => line.includes('request pump/start')).length, 1)
  await main.locator('.start').click()
  await outcome('pump 7 is running already')

  // A stop does not wait for the start before it
  const reserve = page.locator('[data-id="8"]')
  await reserve.locator('.start').click()
  await reserve.locator('.lamp-text', { hasText: 'Running' }).waitFor()
  await reserve.locator('.stop').click()
  await reserve.locator('.outcome', { hasText: 'was stopped while it started' }).waitFor()
  await reserve.locator('.lamp-text', { hasText: 'Stopped' }).waitFor()

  await main.locator('.speed input').fill('2900')
  await main.locator('.speed input').press('Enter')
  await outcome('to 2900 1/min')
  await page.locator('#alarms li', { hasText: 'pump 7 runs at 2900 1/min' }).waitFor()
  t.ok(await main.locator('input[value="hand"]').isChecked(), 'whoever sets a speed takes the pump in hand')
  await main.locator('.speed input').fill('9000')
  await main.locator('.speed button').click()
  await outcome('data/speed must be <= 3000')
  await main.locator('input[value="auto"]').check()
  await outcome('Mode: auto')
  await main.locator('.stop').click()
  await outcome('Stopped')
  await main.locator('.lamp-text', { hasText: 'Stopped' }).waitFor()

  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'a phone need not scroll sideways')
  t.same(fetched.filter((url) => !url.startsWith(address) && !url.startsWith('data:')), [], 'nothing comes from elsewhere')
  t.same(errors, [])
})
