/** The thread in which slow hashes are computed: receives `{ id, password, hash }`, answers `{ id, matches }`. */
import { parentPort } from 'node:worker_threads'
import { passwordMatches } from './password-check.ts'
import type { PasswordHash } from './htpasswd.ts'

export interface HashTask { id: number, password: string, hash: PasswordHash }
export interface HashResult { id: number, matches: boolean }

parentPort?.on('message', (task: HashTask) => {
  const result: HashResult = { id: task.id, matches: passwordMatches(task.password, task.hash) }
  parentPort?.postMessage(result)
})
