/**
 * What it costs that requests can be observed, beside a whole request that a handler answers: the counts, which are always
 * taken, and the channels, with nobody listening and with somebody. `node --import=tsx bench/micro/observing.ts`. All run in
 * turn, many times; what is printed are medians.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { isTraced } from '../../lib/server/operations/channels.ts'
import { Outcomes } from '../../lib/server/operations/outcomes.ts'
import { Hooks } from '../../lib/server/requests/hooks.ts'
import { poisoningGuard } from '../../lib/server/requests/poisoning.ts'
import { Router } from '../../lib/server/requests/router.ts'
import { RequestRunner } from '../../lib/server/requests/runner.ts'
import { parseRequest } from '../../lib/protocol/messages.ts'
import type { Commands } from '../../lib/server/requests/commands/commands.ts'
import type { Connection } from '../../types/server.ts'
import { table } from '../report.ts'

const rounds = 60
const times = 20_000

const router = new Router()
router.handle('double', {}, (_connection, data) => (data as unknown as { n: number }).n * 2)
const runner = new RequestRunner({
  router,
  hooks: new Hooks(),
  guard: poisoningGuard(),
  commands: {} as Commands,
  exposeErrors: true,
  floods: { passes: () => true },
  shutdown: new AbortController().signal
})
const connection = { id: 'c1' } as Connection
const text = '{"type":"request","id":1,"name":"double","data":{"n":21,"unit":"bar","at":[1,2,3]}}'
const outcomes = new Outcomes()
let traced = 0
const listener = (): void => { traced++ }
const names = ['start', 'end'].map((step) => `tracing:juggler:request:${step}`)

const request = (): unknown => runner.run(connection, parseRequest(text), text)
type Variant = readonly [name: string, act: () => unknown]

/** Medians in ns. */
function measure (variants: readonly Variant[]): number[] {
  const measured = variants.map(() => [] as number[])
  for (let round = -10; round < rounds; round++) {
    for (const [i, [, act]] of variants.entries()) {
      const began = performance.now()
      for (let n = 0; n < times; n++) act()
      if (round >= 0) measured[i]!.push((performance.now() - began) / times * 1e6)
    }
  }
  return measured.map((each) => each.sort((a, b) => a - b)[each.length >> 1]!)
}

const off: readonly Variant[] = [
  ['a request, nobody listens', request],
  ['of it: to see that nobody listens', isTraced],
  ['of it: the clock twice, and a count', () => {
    const began = performance.now()
    outcomes.add('success', performance.now() - began)
  }]
]
const on: readonly Variant[] = [['a request, somebody listens', request]]
const medians = measure(off)
// Behind the others: a channel that once had a listener is slower to ask ever after.
for (const name of names) subscribe(name, listener)
medians.push(...measure(on))
for (const name of names) unsubscribe(name, listener)
console.log(table(['what', 'ns', 'part of a request'], [...off, ...on].map(([name], i) => [name, medians[i]!.toFixed(0), `${(medians[i]! / medians[0]! * 100).toFixed(1)} %`])))
if (traced === 0) throw new Error('nothing was traced')
