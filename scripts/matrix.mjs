/**
 * `npm run test:matrix`: the tests of test/matrix on this Node; the whole suite, theirs with it, on other versions of Node and on
 * the newest versions of every dependency; on the next major of fastify as well, as a note that fails nothing. Arguments are
 * rows, any `node@VERSION` among them, and test files: `npm run test:matrix -- node@20.19.0 newest test/listen.test.ts`.
 *
 * All of it happens in a temporary folder, on a copy of what git lists here, committed or not. The last line, alone, is
 * `N passed, N failed`: the rows.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { root, run, say } from './run.mjs'
import { npm } from './setup.mjs'

/** Packages of which a newest version asks, now and then, for what is not published yet. */
const unsteady = ['json-joy']
const usual = ['here', 'node@22', 'node@24', 'node@26', 'newest', 'fastify@next']
const isRow = (argument) => /^(here|node@.+|newest|fastify@next)$/.test(argument)
const named = process.argv.slice(2).filter(isRow)
const files = process.argv.slice(2).filter((argument) => !isRow(argument))

const temporary = mkdtempSync(join(tmpdir(), 'juggler-matrix-'))
process.on('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 10 }))
let running
const onSpawn = (child) => { running = child }
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // What still writes into the folder would keep it from being removed.
    try {
      process.kill(-running.pid, 'SIGKILL')
    } catch {
      // Nothing was running.
    }
    process.exit(1)
  })
}

const results = []
for (const name of named.length > 0 ? named : usual) results.push(await row(name))

console.log()
for (const { verdict, name, what, detail } of results) console.log(`${verdict.padEnd(6)} ${name} (${what}): ${detail}`)
const gates = results.filter(({ verdict }) => verdict !== 'note')
const failed = gates.filter(({ verdict }) => verdict === 'FAILED').length
process.exitCode = failed === 0 ? 0 : 1
console.log(`${gates.length - failed} passed, ${failed} failed`)

async function row (name) {
  const start = performance.now()
  let what = 'could not be set up'
  let outcome = { passed: false, detail: '' }
  say(`${name}: setting up`)
  try {
    const [folder, node] = await prepare(name)
    what = `${name === 'fastify@next' ? `fastify ${installed(folder).fastify}, ` : ''}Node ${await versionOf(node)}`
    say(`${name}: testing with ${what}`)
    outcome = await test(folder, node, files.length > 0 ? files : name === 'here' ? ['test/matrix'] : ['--all'])
  } catch (error) {
    outcome.detail = error.message
  }
  const verdict = name === 'fastify@next' ? 'note' : outcome.passed ? 'ok' : 'FAILED'
  return { verdict, name, what, detail: `${outcome.detail} (${Math.round((performance.now() - start) / 1000)} s)` }
}

/** Makes what a row needs: a folder with a copy of the repository, and a Node. */
async function prepare (name) {
  if (name === 'here') return [await copy('as-locked'), process.execPath]
  if (name.startsWith('node@')) return [await copy('as-locked'), await nodeOf(name)]
  const folder = await copy(name)
  if (name === 'newest') {
    await installNewest(folder)
    return [folder, process.execPath]
  }
  await installNextFastify(folder)
  // fastify 6 needs Promise.withResolvers, which Node 20 lacks.
  return [folder, await nodeOf('node@24')]
}

/** The npm package `node` would fetch these packages when it is installed, by a script; they hold the executable as it is. */
async function nodeOf (name) {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  const packageName = `${prefix}-${platform}-${process.arch}`
  const folder = join(temporary, name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{}')
  await install(folder, `${packageName}${name.slice('node'.length)}`)
  return join(folder, 'node_modules', packageName, 'bin', platform === 'win' ? 'node.exe' : 'node')
}

async function versionOf (node) {
  let version = 'none'
  await run(node, ['--version'], { onLine: (line) => { version = line.slice(1) } })
  return version
}

/** Copies once for each name. */
async function copy (name) {
  const folder = join(temporary, name)
  if (existsSync(folder)) return folder
  const listed = []
  await run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { onLine: (line) => listed.push(line) })
  for (const file of listed.filter((file) => existsSync(join(root, file)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    copyFileSync(join(root, file), join(folder, file))
  }
  // Some tests ask git what belongs to the repository.
  await run('git', ['init', '--quiet'], { cwd: folder })
  return folder
}

/** Leaves the choice to npm: of what a range allows it prefers what is for the Node that it runs on. */
async function installNewest (folder) {
  rewriteRanges(folder, (name, range) => unsteady.includes(name) ? range : range.replace(/^[\^~]/, '>='))
  const before = installed(folder)
  rmSync(join(folder, 'package-lock.json'))
  await install(folder)
  const after = installed(folder)
  say(`newest: ${Object.entries(after).map(([name, version]) => before[name] === version ? `${name} ${version}` : `${name} ${before[name]} -> ${version}`).join(', ')}`)
  const outdated = await output(folder, 'outdated', '--json')
  const held = Object.entries(JSON.parse(outdated)).filter(([name]) => after[name] !== undefined)
  if (held.length > 0) say(`newest: held back by this Node or another package: ${held.map(([name, { current, latest }]) => `${name} ${current} (${latest})`).join(', ')}`)
}

/** The rest stays as it is locked. A major that is not released yet has no tag of its own: its first pre-release and later. */
async function installNextFastify (folder) {
  const next = Number.parseInt(installed(folder).fastify) + 1
  rewriteRanges(folder, (name, range) => name === 'fastify' ? `^${next}.0.0-0` : range)
  await install(folder)
}

function rewriteRanges (folder, lift) {
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  for (const kind of ['dependencies', 'devDependencies', 'peerDependencies']) {
    for (const [name, range] of Object.entries(manifest[kind])) manifest[kind][name] = lift(name, range)
  }
  writeFileSync(path, JSON.stringify(manifest, null, 2))
}

/** The versions that the lock file names for what package.json asks for. */
function installed (folder) {
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  const { dependencies, devDependencies } = packages['']
  return Object.fromEntries(Object.keys({ ...dependencies, ...devDependencies }).sort().map((name) => [name, packages[`node_modules/${name}`].version]))
}

async function install (folder, ...packages) {
  const code = await npm(['install', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error', ...packages], { cwd: folder, onSpawn })
  if (code !== 0) throw new Error(`npm install failed with code ${code}`)
}

async function output (folder, ...args) {
  let text = ''
  await npm(args, { cwd: folder, onLine: (line) => { text += line } })
  return text
}

/** Runs the copy's own `npm test` and lets through what is not about a file that passed. */
async function test (folder, node, args) {
  let last = ''
  const onLine = (line) => {
    if (last !== '' && !last.startsWith('ok ')) console.log(last)
    last = line
  }
  const env = { PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
  const code = await run(node, [join(folder, 'scripts/test.mjs'), ...args], { cwd: folder, env, onLine, onSpawn })
  const counted = /^\d+ passed, \d+ failed/.test(last)
  return { passed: code === 0 && counted, detail: counted ? last : `no count, exit code ${code}` }
}
