/** `npm run bench`: makes the clone and the peers in bench/ ready, then runs the benchmark. `--quick` for a smoke run. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, say } from './run.mjs'
import { runSource } from './source.mjs'

const bench = join(root, 'bench')

await runSource('bench/main.ts', installPeers)

async function installPeers () {
  const wanted = packagesOf(join(bench, 'package-lock.json'))
  const installed = packagesOf(join(bench, 'node_modules/.package-lock.json'))
  const isFresh = Object.keys(wanted).every((path) => path === '' || wanted[path].optional || installed[path]?.version === wanted[path].version)
  if (isFresh) return
  say('installing the peers in bench/')
  const args = ['ci', '--ignore-scripts', '--prefix', bench]
  const cli = process.env.npm_execpath
  const code = cli ? await run(process.execPath, [cli, ...args]) : await run('npm', args)
  if (code !== 0) throw new Error(`npm ci failed in bench/ with code ${code}`)
}

function packagesOf (file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}
