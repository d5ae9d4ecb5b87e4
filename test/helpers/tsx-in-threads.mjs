/** Lets worker threads run TypeScript sources as well: `--import=tsx` alone does so for the main thread only. */
import { isMainThread } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

if (!isMainThread) register()
