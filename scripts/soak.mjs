/** `npm run soak -- --minutes N`: makes the clone ready, then has a server serve 500 clients for so long. */
import { join } from 'node:path'
import { root, run } from './run.mjs'
import { setup } from './setup.mjs'

try {
  await setup()
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
process.exit(await run(process.execPath, ['--import=tsx', join(root, 'test/soak/main.ts'), ...process.argv.slice(2)]))
