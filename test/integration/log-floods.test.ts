/** A log that clients can make as long as they like is summed up. */
import t from 'tap'
import { startApp } from '../helpers/app.ts'
import { Logs } from '../helpers/logs.ts'
import { connectPeer } from '../helpers/peer.ts'

t.test('faults of peers and failures of handlers: a hundred lines, and one that says how many more there were', async (t) => {
  const logs = new Logs()
  const { app, origin } = await startApp(t, { fastify: { logger: logs.logger }, juggler: { exposeErrors: false } })
  app.juggler.handle('failing', () => { throw new Error('broken') })
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 30 }, async () => {
      const peer = await connectPeer(t, `${origin}/ws`)
      peer.send('no message')
      await peer.closed
    }))
  }
  const peer = await connectPeer(t, `${origin}/ws`)
  const answers: unknown[] = []
  for (let id = 0; id < 120; id++) answers.push((await peer.ask(id, 'failing')).data)
  await app.close()
  t.equal(logs.matching(/^connection closed: protocol error/).length, 100)
  t.equal(logs.matching(/^request handler failed/).length, 100)
  const [closed, failed] = logs.matching(/left out/)
  t.match(closed, { level: 40, line: 'connection closed', leftOut: 50 })
  t.match(failed, { level: 40, line: 'request handler failed', leftOut: 20 })
  t.equal(logs.matching(/^connection opened/).length, 151, 'not so many that they are summed up')
  const references = answers.filter((answer) => /reference/.test(answer as string)).length
  t.equal(references, 100, 'no reference to a line that is not there')
  t.equal(answers.at(-1), 'internal error')
})
