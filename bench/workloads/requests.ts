/** R: small echo requests, 50 clients with 20 in flight each: how many a second of the server's CPU answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { interleave, names, Trial, type Options, type Section } from '../bench.ts'
import { figure, ratio } from '../report.ts'

const servers = ['ws-string', 'juggler', 'juggler-checked', 'juggler-once', 'socket-io', 'colyseus', 'fastify-websocket']
const clients = 50
const outstanding = 20

export async function requests (options: Options): Promise<Section[]> {
  const results = await interleave('R', servers, options, options.quick ? 1 : 3, async (server) => {
    const trial = await Trial.start({ server, devices: 40 })
    try {
      await trial.open({ clients, atOnce: clients, wholeBytes: 1000 })
      await trial.load('request', outstanding)
      await sleep(options.quick ? 300 : 1000)
      const answersBefore = (await trial.counts()).answers
      const cpuBefore = await trial.server.call('cpu')
      await sleep(options.quick ? 500 : 1500)
      const cpu = await trial.server.call('cpu') - cpuBefore
      const answers = (await trial.counts()).answers - answersBefore
      return { rate: answers / cpu * 1e6 }
    } finally {
      await trial.stop()
    }
  })
  const base = results.get('ws-string')!.rate
  const against = (server: string): number => (results.get(server)?.rate ?? NaN) / (results.get('juggler')?.rate ?? NaN)
  return [{
    title: 'R: requests',
    about: 'Echo requests answered per second of server CPU, 50 clients with 20 in flight each. The baseline is `ws` with JSON.parse and JSON.stringify. Higher is better.',
    head: ['', 'requests per CPU second', 'absolute'],
    rows: [...results].map(([server, { rate }]) => [server === 'ws-string' ? '`ws`, parse and stringify' : names[server]!, ratio(rate, base), figure(rate)]),
    facts: { 'R.ratio': (results.get('juggler')?.rate ?? NaN) / base, 'R.checked': against('juggler-checked'), 'R.once': against('juggler-once') }
  }]
}
