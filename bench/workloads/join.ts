/** J: 500 clients join at once where the state is 1 MB of JSON: the server's CPU until the last of them has all of it. */
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure, ratio } from '../report.ts'

const servers = ['ws-string', 'ws-frame', 'juggler', 'socket-io', 'colyseus', 'sharedb', 'hocuspocus', 'fastify-websocket']
/** As JSON: 1.0 MB. */
const devices = 8200

export async function join (options: Options): Promise<Section[]> {
  const clients = options.quick ? 50 : 500
  const results = await interleave('J', servers, options, options.quick ? 1 : 3, async (server) => {
    const trial = await Trial.start({ server, devices })
    try {
      await trial.open({ clients: 10, atOnce: 10, wholeBytes: 100_000 })
      await trial.load('close')
      const before = await trial.server.call('cpu')
      await trial.open({ clients, atOnce: clients, wholeBytes: 100_000 })
      return { cpu: await trial.server.call('cpu') - before }
    } finally {
      await trial.stop()
    }
  })
  const base = results.get('ws-string')!.cpu
  return [{
    title: 'J: join storm',
    about: `${clients} clients joining at once, handshakes included, where the state is 1 MB of JSON: server CPU until all have the whole of it.`,
    head: ['', 'CPU', 'ms per client'],
    rows: [...results].map(([server, { cpu }]) => [names[server]!, ratio(cpu, base), figure(cpu / clients / 1000)]),
    facts: { 'J.ratio': (results.get('juggler')?.cpu ?? NaN) / base }
  }]
}
