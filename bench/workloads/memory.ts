/** M: what an idle connection holds of the server's resident memory. */
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure, ratio } from '../report.ts'

const servers = ['ws-string', 'juggler', 'socket-io', 'colyseus', 'sharedb', 'hocuspocus', 'fastify-websocket']

export async function memory (options: Options): Promise<Section[]> {
  const clients = options.quick ? 1000 : 2000
  const results = await interleave('M', servers, options, options.quick ? 1 : 3, async (server) => {
    const trial = await Trial.start({ server, devices: 40 })
    try {
      // The first connections also pay for code, pools and tables that the later ones share.
      await trial.open({ clients: clients / 4, atOnce: 100, wholeBytes: 1000 })
      const before = (await trial.server.call('memory')).resident
      await trial.open({ clients, atOnce: 100, wholeBytes: 1000 })
      const between = (await trial.server.call('memory')).resident
      // A heap grows in steps, and the step that the first ones cause is not theirs alone: so the next ones as well.
      await trial.open({ clients: 2 * clients, atOnce: 100, wholeBytes: 1000 })
      const after = (await trial.server.call('memory')).resident
      return { bytes: (between - before) / clients, next: (after - between) / (2 * clients) }
    } finally {
      await trial.stop()
    }
  })
  const base = results.get('ws-string')!
  return [{
    title: 'M: memory',
    about: `Resident memory per idle connection after garbage collection: of the first ${clients.toLocaleString('en-US')} connections, and of the next ${(2 * clients).toLocaleString('en-US')}.`,
    head: ['', 'first', 'kB', 'next', 'kB'],
    rows: [...results].map(([server, { bytes, next }]) => [names[server]!, ratio(bytes, base.bytes), figure(bytes / 1000), ratio(next, base.next), figure(next / 1000)]),
    facts: {
      'M.ratio': (results.get('juggler')?.bytes ?? NaN) / base.bytes,
      'M.next': (results.get('juggler')?.next ?? NaN) / base.next
    }
  }]
}
