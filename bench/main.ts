/**
 * The benchmark's command line. Without arguments everything is measured in full size, and written to RESULTS.md.
 *
 *     --quick              a smoke run of about a minute: small, short, its figures mean little
 *     --only F,R           some of the workloads: F, Fz, Z, R, J, B, S, A, G, L, M, D, C, P, V, T
 *     --servers juggler    only these servers, beside the baseline
 *     --clients 500        client counts of the fan-out
 *     --out FILE           write the results there, whatever was measured
 *
 * With BENCH_PROFILE set to a folder, every server leaves a CPU profile there.
 */
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { stopLoads, type Section, type Workload } from './bench.ts'
import { budgetTable } from './budgets.ts'
import { table } from './report.ts'
import { age } from './workloads/age.ts'
import { comingBack } from './workloads/coming-back.ts'
import { completion } from './workloads/completion.ts'
import { fanOut, fanOutCompressed } from './workloads/fan-out.ts'
import { fewLeaves } from './workloads/few-leaves.ts'
import { gaps } from './workloads/gaps.ts'
import { join } from './workloads/join.ts'
import { memory } from './workloads/memory.ts'
import { paces } from './workloads/paces.ts'
import { requests } from './workloads/requests.ts'
import { singleChanges } from './workloads/single.ts'
import { slowConsumers } from './workloads/slow.ts'
import { apply, diff } from './workloads/state.ts'
import { views } from './workloads/views.ts'

const workloads: Record<string, Workload> = {
  F: fanOut, Fz: fanOutCompressed, Z: fewLeaves, R: requests, J: join, B: comingBack, S: slowConsumers, A: age, G: gaps, L: singleChanges, M: memory, D: diff, C: apply, P: paces, V: views, T: completion
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    servers: { type: 'string' },
    clients: { type: 'string' },
    out: { type: 'string' }
  }
})
const chosen = values.only?.split(',') ?? Object.keys(workloads)
const unknown = chosen.find((code) => !(code in workloads))
if (unknown !== undefined) throw new Error(`there is no workload ${unknown}: ${Object.keys(workloads).join(', ')}`)
const isWhole = !values.quick && values.only === undefined && values.servers === undefined && values.clients === undefined
const out = values.out ?? (isWhole ? new URL('RESULTS.md', import.meta.url) : undefined)

const started = Date.now()
const parts: string[] = []
const facts: Record<string, number> = {}
const print = (part: string): void => {
  parts.push(part)
  console.log(`\n${part}`)
}

try {
  print(`${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]!.model}`)
  for (const code of chosen) {
    const options = { quick: values.quick, servers: values.servers?.split(','), clients: values.clients?.split(',').map(Number) }
    try {
      const sections: Section[] = await workloads[code]!(options)
      for (const { title, about, head, rows, facts: found } of sections) {
        print(`## ${title}\n\n${about}\n\n${table(head, rows)}`)
        Object.assign(facts, found)
      }
    } catch (error) {
      // The others took minutes: they are worth having without this one.
      console.error(error)
      print(`## ${code}\n\nNot measured: it failed.`)
      process.exitCode = 1
    }
  }
  const budgets = budgetTable(facts)
  if (budgets !== undefined) print(`## Budgets\n\n${budgets}`)
} finally {
  await stopLoads()
}
process.stderr.write(`done in ${Math.round((Date.now() - started) / 1000)} s\n`)

if (out !== undefined) {
  const about = 'Written by `npm run bench`; docs/performance.md says what is measured, and how. Every figure is a median of\n' +
    'repetitions that take turns, and every table comes from one run: compare within a table. The first column of figures is\n' +
    'the ratio to the first row.'
  await writeFile(out, ['# Results', about, ...parts].join('\n\n') + '\n')
}
