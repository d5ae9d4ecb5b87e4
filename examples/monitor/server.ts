/** `npm start`: the live monitor of the machine that it runs on. PORT chooses another port. */
import { buildApp } from './app.ts'
import { listenOnFreePort } from './listen.ts'

const app = await buildApp()
const address = await listenOnFreePort(app, Number(process.env['PORT'] ?? 8080))
console.log(`\n  Monitor of this machine: ${address}\n  Open it twice, on two screens. Ctrl-C stops it.\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal meets no handler and ends the process at once.
  process.once(signal, async () => {
    console.log('stopping')
    await app.close()
  })
}
