/** `npm start`: sets up what is missing, then runs the demo in examples/monitor. */
import { setup, SetupError } from './setup.mjs'

try {
  await setup()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(error.message)
  process.exit(1)
}

// In this process, not in a child: Ctrl-C, and npm's signals, reach the demo itself.
const { register } = await import('tsx/esm/api')
register()
await import('../examples/monitor/server.ts')
