/** A thousand runs of server and clients over lines that break, and what makes it worth something: planted bugs are found. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { Farm, occurrences } from './farm.ts'
import { drawScript } from './script.ts'
import type { Script } from './script.ts'
import { mutations } from './mutations.ts'

/** Others run beside this. */
const threads = 2
/** Seeds within which the planted bugs that are not rare have to be found; for all of them it is 10,000. */
const mostSeeds = 1000

const root = fileURLToPath(new URL('../..', import.meta.url))
const farm = new Farm()
t.teardown(() => farm.end())

t.test('a thousand seeds', async (t) => {
  const { seeds, failed, counts } = await farm.run(await farm.build(), { from: 1, count: 1000, threads })
  t.equal(failed, undefined, failed === undefined ? 'none fails' : `seed ${failed.seed}: ${failed.failure}\n${failed.script}`)
  t.equal(seeds, 1000)
  for (const [name, count] of Object.entries(counts)) t.ok(count > 0, `${count} ${name}`)
})

t.test('a seed does the same alone and behind others', async (t) => {
  const module = await farm.build()
  const behind = await farm.run(module, { from: 101, count: 20, logs: true })
  for (const seed of [105, 120]) {
    const alone = await farm.run(module, { from: seed, count: 1, logs: true })
    t.same(alone.logs.get(seed)!.lines, behind.logs.get(seed)!.lines)
    t.equal(alone.logs.get(seed)!.digest, behind.logs.get(seed)!.digest)
  }
  t.not(behind.logs.get(105)!.digest, behind.logs.get(120)!.digest)
})

t.test('the planted bugs are in the sources, and each is found', async (t) => {
  t.ok(mutations.length >= 20)
  t.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length)
  for (const mutation of mutations) t.equal(occurrences(mutation), 1, mutation.name)
  await farm.find(mutations.filter(({ rare }) => rare !== true), mostSeeds, threads, ({ name }, failed) => {
    t.ok(failed !== undefined, `${name}: seed ${failed?.seed}`)
  })
})

t.test('a failure is told with its seed, and a script that is shorter', async (t) => {
  const mutation = mutations.find(({ name }) => name === 'who stands two bases behind lacks the journal between')!
  const { failed } = await farm.run(await farm.build(mutation), { from: 1, count: mostSeeds })
  const { steps, seed } = JSON.parse(failed!.script) as Script
  t.equal(seed, failed!.seed)
  const before = drawScript(seed).steps.length
  t.ok(steps.length > 0 && steps.length < before, `${steps.length} of ${before} steps`)
})

t.test('the command line ends with the figures', async (t) => {
  const simulate = (...args: string[]) => promisify(execFile)(process.execPath, ['--import=tsx', 'test/simulation/main.ts', ...args], { cwd: root })
  t.match((await simulate('--seeds', '20', '--from', '7')).stdout, /(^|\n)20 seeds, \d+ steps, .* 0 mismatches\n$/)
  t.match((await simulate('--seed', '7')).stdout, /^1000000 step .*\n[^]*\ndigest [0-9a-f]{16}\n1 seeds, .* 0 mismatches\n$/)
  await t.rejects(simulate('--seeds', 'many'), { code: 1 })
})
