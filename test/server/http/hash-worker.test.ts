// own process, from source: it starts a thread from a source
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import type { HashTask } from '../../../lib/server/http/hash-worker.ts'

t.test('answers each task with its number', async (t) => {
  const worker = new Worker(new URL('../../../lib/server/http/hash-worker.ts', import.meta.url))
  t.teardown(() => worker.terminate())
  const hash = { form: 'apr1', text: '$apr1$Salt0$hPxtSJAry5WazprtBo81d.' } as const
  const tasks: HashTask[] = [{ id: 7, password: 'secret', hash }, { id: 8, password: 'wrong', hash }]
  for (const task of tasks) {
    worker.postMessage(task)
    t.same(await once(worker, 'message'), [{ id: task.id, matches: task.password === 'secret' }])
  }
})
