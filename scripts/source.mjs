/** Runs a program of the sources for `npm run …`, once the clone is ready. */
import { join } from 'node:path'
import { root, run } from './run.mjs'
import { setup } from './setup.mjs'

/**
 * Ends this process with the code of the program, which gets its arguments.
 *
 * @param file - from the root
 * @param more - what else the program needs
 */
export async function runSource (file, more = async () => {}) {
  try {
    await setup()
    await more()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
  process.exit(await run(process.execPath, ['--import=tsx', join(root, file), ...process.argv.slice(2)]))
}
