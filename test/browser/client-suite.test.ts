/** The suite of the client's cases, with the browser file in a real Chromium. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
// @ts-expect-error: the scripts have no types
import { bundleClient } from '../../scripts/build-client.mjs'
import { ScriptedServers } from '../helpers/client/control.ts'
import { suite } from '../helpers/client/suite.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'
import { site } from '../helpers/browser/site.ts'

const { code } = await bundleClient()
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('../helpers/browser/suite-page.ts', import.meta.url))],
  bundle: true,
  format: 'esm',
  write: false
})
const origin = await site(t, {
  '/': '<!doctype html><title>suite</title><link rel="icon" href="data:,"><script type="module" src="/suite.js"></script>',
  '/policy': `<!doctype html><title>policy</title><link rel="icon" href="data:,">
    <meta http-equiv="Content-Security-Policy" content="connect-src 'self'">
    <script type="module">
      import { connect } from '/plant/ws/client.js'
      window.failure = connect('ws://localhost:9/').catch(({ code, message }) => ({ code, message }))
    </script>`,
  '/suite.js': outputFiles[0]!.text,
  '/plant/ws/client.js': code
})
const controls = new Map<string, ScriptedServers>()
const browser = await launch(t)
const { page, errors } = await openPage(browser)
await page.exposeFunction('callControl', (name: string, method: keyof ScriptedServers, args: never[]) => {
  const control = controls.get(name)!
  return (control[method] as (...args: never[]) => unknown).apply(control, args)
})
await page.goto(origin)
await page.waitForFunction(() => 'runCase' in window)

t.jobs = 4
for (const name of Object.keys(suite)) {
  t.test(name, { buffered: true }, async (t) => {
    const control = new ScriptedServers()
    t.teardown(() => control.end())
    controls.set(name, control)
    await page.evaluate((name) => window.runCase(name), name)
    t.pass('held')
  })
}

t.test('what the policy of the page blocks fails at once, as an end without a close', async (t) => {
  const { page } = await openPage(browser)
  await page.goto(`${origin}/policy`)
  const failure = await page.evaluate('failure')
  t.match(failure, { code: 'JUGGLER_CONNECT_FAILED', message: /1006/ })
})

t.test('no error reached the page unexpected', async (t) => {
  // What the browser itself writes of connections that fail is no error of ours.
  t.same(errors.filter((text) => !/WebSocket connection to|favicon/.test(text)), [])
})
