/**
 * `npm test`: sets up what is missing, then lints, checks types and runs every test. The last line, alone, is
 * `N passed, N failed`: tap's own assertions, and one for each step before. Arguments are test files: only those run.
 */
import { setup, SetupError } from './setup.mjs'
import { runTool, say } from './run.mjs'

const files = process.argv.slice(2)
// Tools that see a terminal's variables paint even into a pipe.
const env = { NO_COLOR: '1', FORCE_COLOR: undefined }
let passed = 0
let failed = 0

try {
  await setup({ browser: true })
  if (files.length === 0) {
    await Promise.all([
      step('lint', 'eslint/bin/eslint.js', ['.']),
      step('types', 'typescript/bin/tsc', ['--noEmit', '--pretty', 'false'])
    ])
  }
  await tests()
} catch (error) {
  failed++
  console.error(error instanceof SetupError ? error.message : error)
}

process.exitCode = failed === 0 ? 0 : 1
console.log(`${passed} passed, ${failed} failed`)

async function step (name, script, args) {
  const start = performance.now()
  const code = await runTool(script, args, { env })
  if (code === 0) passed++
  else failed++
  report(code === 0, name, performance.now() - start)
}

/** Runs tap and reads its TAP: a line for each file, and everything about those that failed. */
async function tests () {
  let block = []
  let total
  let failing = false
  const onLine = (line) => {
    // What follows a failed file's own line, indented, says why it failed as a whole: a timeout, a signal.
    if (failing && line.startsWith('  ')) return console.log(line)
    failing = false
    const file = /^(not )?ok \d+ - (.*?)(?: # time=([\d.]+)(ms|s).*)?$/.exec(line)
    const sum = /^# \{ (total: .*) \}$/.exec(line)
    if (sum) total = Object.fromEntries(sum[1].split(', ').map((part) => part.split(': ')).map(([key, n]) => [key, Number(n)]))
    if (file) {
      if (file[1]) console.log(block.join('\n'))
      block = []
      failing = Boolean(file[1])
      report(!failing, file[2], Number(file[3] ?? 0) * (file[4] === 's' ? 1000 : 1))
    } else {
      block.push(line)
    }
  }
  const code = await runTool('tap/dist/esm/run.mjs', ['run', '--reporter=tap', ...files], { env, onLine })
  if (total === undefined) {
    console.log(block.join('\n'))
    failed++
    return
  }
  // A test that did not run has not passed.
  const { pass = 0, fail = 0, skip = 0, todo = 0 } = total
  passed += pass
  failed += fail + skip + todo
  if (code !== 0 && failed === 0) failed++
  if (skip + todo > 0) say(`${skip + todo} skipped or todo, counted as failed`)
}

function report (ok, name, ms) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${Math.round(ms)} ms)`)
}
