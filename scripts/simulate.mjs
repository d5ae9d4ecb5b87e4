/** `npm run simulate`: makes the clone ready, then runs the deterministic simulation. Arguments: docs/simulation.md. */
import { join } from 'node:path'
import { root, run } from './run.mjs'
import { setup } from './setup.mjs'

try {
  await setup()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
process.exit(await run(process.execPath, ['--import=tsx', join(root, 'test/simulation/main.ts'), ...process.argv.slice(2)]))
