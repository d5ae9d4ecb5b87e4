/** Builds the package: `dist/lib` and `dist/types` from TypeScript, and the browser file. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, runTool } from './run.mjs'
import { buildStamp, digestOfInputs } from './setup.mjs'

// Built beside and moved into place when whole, so that a running demo or test never meets half a build.
const dist = join(root, 'dist')
const fresh = join(root, `dist.${process.pid}`)
const digest = digestOfInputs()

try {
  const code = await runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', fresh])
  if (code !== 0) process.exit(code)
  rmSync(dist, { recursive: true, force: true })
  renameSync(fresh, dist)
} finally {
  rmSync(fresh, { recursive: true, force: true })
}

const code = await run(process.execPath, [join(root, 'scripts/build-client.mjs')])
if (code !== 0) process.exit(code)
writeFileSync(buildStamp, digest)
