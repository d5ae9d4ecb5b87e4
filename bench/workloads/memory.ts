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
      return { bytes: ((await trial.server.call('memory')).resident - before) / clients }
    } finally {
      await trial.stop()
    }
  })
  const base = results.get('ws-string')!.bytes
  return [{
    title: 'M: memory',
    about: `Resident memory per idle connection, ${clients.toLocaleString('en-US')} connections, after garbage collection.`,
    head: ['', 'memory', 'kB'],
    rows: [...results].map(([server, { bytes }]) => [names[server]!, ratio(bytes, base), figure(bytes / 1000)]),
    facts: { 'M.ratio': (results.get('juggler')?.bytes ?? NaN) / base }
  }]
}
