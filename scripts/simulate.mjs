/** `npm run simulate`: makes the clone ready, then runs the deterministic simulation. Arguments: docs/simulation.md. */
import { runSource } from './source.mjs'

await runSource('test/simulation/main.ts')
