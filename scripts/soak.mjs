/** `npm run soak -- --minutes N`: makes the clone ready, then has a server serve 500 clients for so long. */
import { runSource } from './source.mjs'

await runSource('test/soak/main.ts')
