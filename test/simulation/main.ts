/** `npm run simulate`: docs/simulation.md says what it takes. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Farm } from './farm.ts'
import type { Outcome } from './farm.ts'
import { mutations } from './mutations.ts'

/** How long (ms) it is silent at most. */
const silence = 5000
/** Within so many seeds a planted bug has to be found. */
const mostSeeds = 10_000

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    mutations: { type: 'boolean', default: false }
  }
})

const number = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`'${text}' is no number of seeds`)
  return value
}

const figures = ({ seeds, counts, failed }: Outcome): string =>
  `${seeds} seeds, ${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')}, ${failed === undefined ? 0 : 1} mismatches`

const tell = ({ failed }: Outcome): void => {
  if (failed === undefined) return
  console.log(`FAILED seed ${failed.seed}: ${failed.failure}`)
  console.log(failed.script)
  process.exitCode = 1
}

const farm = new Farm()
try {
  if (values.mutations) await findAll()
  else if (values.seed !== undefined) await replay(number(values.seed))
  else await simulate(number(values.from), number(values.seeds))
} finally {
  farm.end()
}

async function simulate (from: number, count: number): Promise<void> {
  const began = performance.now()
  let told = began
  const outcome = await farm.run(await farm.build(), {
    from,
    count,
    threads: availableParallelism(),
    onProgress ({ seeds }) {
      const now = performance.now()
      if (now - told < silence) return
      told = now
      console.log(`${seeds} of ${count} seeds, ${((now - began) / seeds).toFixed(2)} ms each`)
    }
  })
  tell(outcome)
  console.log(figures(outcome))
}

/** One seed, with all that happens. */
async function replay (seed: number): Promise<void> {
  const outcome = await farm.run(await farm.build(), { from: seed, count: 1, logs: true })
  const { digest, lines } = outcome.logs.get(seed)!
  console.log(lines.join('\n'))
  console.log(`digest ${digest}`)
  tell(outcome)
  console.log(figures(outcome))
}

/** Plants each bug, and looks for it. */
async function findAll (): Promise<void> {
  await farm.find(mutations, mostSeeds, availableParallelism(), ({ name }, failed) => {
    console.log(failed === undefined ? `not found: ${name}` : `seed ${failed.seed}: ${name} (${failed.failure.slice(0, 100)})`)
    if (failed === undefined) process.exitCode = 1
  })
}
