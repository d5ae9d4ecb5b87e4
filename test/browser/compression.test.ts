/** A stock browser reads what was deflated once for everybody. */
import t from 'tap'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { launch, openPage } from '../helpers/browser/chromium.ts'

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
