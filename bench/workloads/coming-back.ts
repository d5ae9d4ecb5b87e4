/** B: 500 clients that were away for five seconds come back, where the state is 1 MB of JSON. */
import { interleave, Trial, type Options, type Section } from '../bench.ts'
import { figure, ratio } from '../report.ts'

/** As JSON: 1.0 MB. */
const devices = 8200
/** Changes of 50 leaves that they miss. */
const missed = 50
/** How often they have come back before, each time after fewer of those ticks. */
const warmUp = 4
/** A first message of at least so many bytes is the whole of that state, or what has changed, or a state of nearly nothing. */
const least = { whole: 100_000, since: 2000, bare: 20 }

export async function comingBack (options: Options): Promise<Section[]> {
  const clients = options.quick ? 50 : 500
  const facts: Record<string, number> = {}
  const rows: string[][] = []
  for (const compression of [false, 'remembers'] as const) {
    const results = await interleave(compression ? 'B, compressed' : 'B', ['juggler'], options, options.quick ? 1 : 3, async (server) => {
      const all = { clients, atOnce: clients, compression }
      const trial = await Trial.start({ server, devices, ticks: missed, compression })
      /** What it takes to open all of them. */
      const open = async (on: Trial, path: string, wholeBytes: number): Promise<{ cpu: number, time: number, bytes: number }> => {
        await on.load('close')
        const [cpu, sent, began] = [await on.server.call('cpu'), await on.server.call('sent'), performance.now()]
        await on.open({ ...all, path, wholeBytes: compression && wholeBytes > 1000 ? wholeBytes / 10 : wholeBytes })
        const time = performance.now() - began
        return { cpu: await on.server.call('cpu') - cpu, time, bytes: (await on.server.call('sent') - sent) / clients }
      }
      try {
        await open(trial, '/ws?epoch=&revision=', least.whole)
        const place = await trial.server.call('place')
        // A server lives for weeks, this one for seconds: all kinds of answer have been made before.
        for (let warm = 0; warm < warmUp; warm++) {
          await trial.load('close')
          await trial.server.call('run', missed / (warmUp + 1), 100)
          await open(trial, `/ws?${place}`, least.since)
          await open(trial, '/ws', least.whole)
        }
        await trial.load('close')
        await trial.server.call('run', missed / (warmUp + 1), 100)
        const since = await open(trial, `/ws?${place}`, least.since)
        const whole = await open(trial, '/ws', least.whole)
        await trial.load('close')
        const small = await Trial.start({ server, devices: 1, compression })
        try {
          for (let warm = 0; warm < 2 * warmUp; warm++) await open(small, '/ws', least.bare)
          const bare = await open(small, '/ws', least.bare)
          return {
            sinceBytes: since.bytes, wholeBytes: whole.bytes, sinceCpu: since.cpu, wholeCpu: whole.cpu, bareCpu: bare.cpu, sinceTime: since.time, wholeTime: whole.time
          }
        } finally {
          await small.stop()
        }
      } finally {
        await trial.stop()
      }
    })
    const { sinceBytes, wholeBytes, sinceCpu, wholeCpu, bareCpu, sinceTime, wholeTime } = results.get('juggler')!
    const key = compression ? 'B.z' : 'B'
    const cpu = (sinceCpu - bareCpu) / (wholeCpu - bareCpu)
    Object.assign(facts, { [`${key}.bytes`]: sinceBytes / 1000, [`${key}.cpu`]: cpu, [`${key}.time`]: sinceTime / wholeTime })
    const name = compression ? ', compressed' : ''
    rows.push(
      [`the whole${name}`, figure(wholeBytes / 1000), '1', figure(wholeCpu / clients / 1000), figure(wholeTime)],
      [`what has changed${name}`, figure(sinceBytes / 1000), ratio(sinceCpu - bareCpu, wholeCpu - bareCpu), figure(sinceCpu / clients / 1000), figure(sinceTime)],
      [`nothing at all${name}`, '', '', figure(bareCpu / clients / 1000), '']
    )
  }
  return [{
    title: 'B: coming back',
    about: `${clients} clients coming back at once after ${missed} ticks of 50 leaves, where the state is 1 MB of JSON: what each is sent, the server's CPU over that of connections with a state of nearly nothing, and the time until all are fresh.`,
    head: ['', 'kB each', 'CPU over a bare connection', 'CPU, ms per client', 'time, ms'],
    rows,
    facts
  }]
}
