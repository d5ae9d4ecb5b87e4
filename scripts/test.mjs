/**
 * `npm test`: sets up what is missing, then lints, checks types and runs every test. The last line, alone, is
 * `N passed, N failed`: tap's own assertions, and one for each step before. Arguments are test files: only those run.
 * `--all` adds the tests of the matrix, in test/matrix.
 */
import { availableParallelism } from 'node:os'
import { setup, SetupError } from './setup.mjs'
import { runTool, say } from './run.mjs'

const all = process.argv.includes('--all')
const files = all ? ['test'] : process.argv.slice(2)
let passed = 0
let failed = 0

try {
  await setup({ browser: true })
  // Only now: it imports packages, which in a fresh clone have just been installed.
  const { runTests } = await import('./suite/suite.mjs')
  // Tools that see a terminal's variables paint even into a pipe.
  Object.assign(process.env, { NO_COLOR: '1' })
  delete process.env.FORCE_COLOR
  const steps = files.length > 0 && !all
    ? []
    : [
        () => step('lint', 'eslint/bin/eslint.js', ['.']),
        () => step('types', 'typescript/bin/tsc', ['--noEmit', '--pretty', 'false'])
      ]
  // More than there are cores, for many a test waits.
  await runTests({ files, before: steps, atOnce: availableParallelism() * 2, report: reportFile })
} catch (error) {
  failed++
  console.error(error instanceof SetupError ? error.message : error)
}

process.exitCode = failed === 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed`)

async function step (name, script, args) {
  const start = performance.now()
  const code = await runTool(script, args)
  if (code === 0) passed++
  else failed++
  report(code === 0, name, performance.now() - start)
}

/** A line for each file, and for one that failed everything that it printed. */
function reportFile (file, { ok, counts: { pass = 0, fail = 0, skip = 0, todo = 0 }, ms, output }) {
  const reasons = []
  // A test that did not run has not passed.
  if (skip + todo > 0) reasons.push(`${skip + todo} skipped or todo, counted as failed`)
  if (ok && pass === 0) reasons.push('it asserts nothing')
  passed += pass
  failed += fail + skip + todo
  if ((!ok || pass === 0) && fail + skip + todo === 0) failed++
  if (output.length > 0) console.log(output.join('\n'))
  for (const reason of reasons) say(`${file}: ${reason}`)
  report(ok && reasons.length === 0, file, ms, `${pass} assertions, `)
}

function report (ok, name, ms, count = '') {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${count}${Math.round(ms)} ms)`)
}
