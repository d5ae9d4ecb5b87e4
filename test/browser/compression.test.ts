/** A stock browser reads what was deflated once for everybody. */
import t from 'tap'
import type { Test } from 'tap'
import { createState } from '../../lib/index.ts'
import type { State } from '../../types/state.ts'
import { startApp } from '../helpers/app.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'
import { otherBrowsers } from '../helpers/browser/other-browsers.ts'

t.test('Chromium negotiates compression and follows the state, in both framings', async (t) => {
  const rows: Record<string, { text: string, n: number }> = {}
  for (let i = 0; i < 2000; i++) rows[`row-${i}`] = { text: `row number ${i} 😀, with so long a text that a patch of the numbers is shorter than the whole`, n: 0 }
  const state = createState({ rows, end: 0 })
  const { app, origin } = await startApp(t, {
    juggler: { state, compression: true, autoflushDelay: 20 },
    after: (app) => { app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><link rel="icon" href="data:,">')) }
  })
  const { page, errors } = await openPage(await launch(t))
  await page.goto(`${origin.replace('ws', 'http')}/`)
  for (const framing of ['plain', 'segmented']) {
    await page.evaluate(`new Promise((resolve, reject) => {
      window.texts = []
      window.socket = new WebSocket('${origin}/ws?framing=${framing}')
      socket.onmessage = ({ data }) => { texts.push(data); resolve() }
      socket.onclose = ({ code, reason }) => reject(new Error(code + ' ' + reason))
    })`)
    t.match(await page.evaluate('socket.extensions'), 'permessage-deflate')
    const last = state.get('/end') as number + 1
    state.update((draft) => {
      for (const row of Object.values(draft.rows)) row.n = last
      draft.end = last
    })
    await page.waitForFunction(`texts.some((text) => text.includes('{"op":"replace","path":"/end","value":${last}}'))`)
    const texts = await page.evaluate('texts.join("")') as string
    t.match(texts, 'row number 1999 😀')
    t.equal(texts.startsWith('{"type":"state"'), framing === 'plain')
    await page.evaluate('socket.onclose = null, socket.close()')
  }
  t.same(errors, [])
  t.equal(app.juggler.state, state)
})

/**
 * Small changes, each referring to the one before it; a large one; answers between; a connection that comes back. An engine
 * that cannot read one of them ends its connection with 1006 or 1007.
 */
const browsers: Record<string, (t: Test) => Promise<{ goto (url: string): Promise<unknown>, evaluate (expression: string): Promise<unknown> }>> = {
  chromium: async (t) => (await openPage(await launch(t))).page,
  ...otherBrowsers
}

for (const [name, open] of Object.entries(browsers)) {
  t.test(`${name} reads messages that refer to those before them`, async (t) => {
    const state = createState<{ values: Record<string, number>, noise: string, end: number }>({ values: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`d${i}`, i])), noise: '', end: 0 })
    const { app, origin } = await startApp(t, {
      juggler: { state: state as unknown as State, compression: true, autoflushDelay: 0 },
      after: (app) => {
        app.get('/', (_request, reply) => reply.type('text/html').send(`<!doctype html><link rel="icon" href="data:,"><script type="module">
          import { connect } from './ws/client.js'
          const client = await connect()
          window.codes = []
          client.onStatus((status, info) => { if (info) codes.push(info.code) })
          window.client = client
        </script>`))
      }
    })
    const page = await open(t)
    await page.goto(`${origin.replace('ws', 'http')}/`)
    const follows = async (): Promise<void> => {
      state.update((draft) => { draft.end++ })
      while (await page.evaluate("window.client?.state.get('/end')").catch(() => undefined) !== state.get('/end')) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await follows()
    for (let i = 0; i < 100; i++) {
      state.set(['values', `d${i * 71 % 500}`], i * 1.37 + 0.5)
      if (i % 40 === 20) state.set('/noise', Array.from({ length: 40_000 }, (_, k) => String.fromCharCode(33 + (k * k * 31 + i) % 90)).join(''))
      if (i % 10 === 0) await page.evaluate(`client.send('', '${'x'.repeat(2000)}')`)
    }
    await follows()
    t.same(JSON.parse(await page.evaluate('client.state.stringify()') as string), state.data)
    t.same(await page.evaluate('codes'), [])
    for (const connection of app.juggler.connections) connection.close(4000)
    await follows()
    for (let i = 0; i < 20; i++) state.set(['values', `d${i}`], -i)
    await follows()
    t.same(JSON.parse(await page.evaluate('client.state.stringify()') as string), state.data)
    t.same(await page.evaluate('codes'), [4000])
  })
}
