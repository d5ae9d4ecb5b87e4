import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { lookAt, watchFile } from '../../../lib/server/http/file-watch.ts'

// What is tested keeps no process alive by itself
const alive = setInterval(() => {}, 1000)
t.teardown(() => { clearInterval(alive) })

t.test('a look tells what changed', async (t) => {
  const dir = t.testdir({ a: 'a', b: 'b' })
  const path = join(dir, 'a')
  const first = await lookAt(path)
  t.same(await lookAt(path), first)
  utimesSync(path, 1, 1)
  const touched = await lookAt(path)
  t.not(touched.key, first.key)
  t.equal(touched.file, first.file)
  t.ok(touched.renamed, 'the entry is newer than what was written')
  renameSync(join(dir, 'b'), path)
  t.not((await lookAt(path)).file, first.file)
  rmSync(path)
  t.same(await lookAt(path), { key: 'ENOENT', file: undefined, renamed: false })
})

t.test('tells of each change, and of nothing after its end', async (t) => {
  const path = join(t.testdir({ a: 'a' }), 'a')
  let calls = 0
  let wake = (): void => {}
  const stop = await watchFile(path, 5, async () => {
    calls++
    wake()
  })
  const other = join(t.testdir({ b: 'b' }), 'b')
  for (const text of ['one', 'three']) {
    const called = new Promise<void>((resolve) => { wake = resolve })
    writeFileSync(path, text)
    await called
  }
  stop()
  writeFileSync(path, 'after the end')
  const seen = new Promise<void>((resolve) => { void watchFile(other, 5, async () => { resolve() }).then((end) => { t.teardown(end) }) })
  await new Promise((resolve) => setTimeout(resolve, 20))
  writeFileSync(other, 'changed')
  await seen
  t.equal(calls, 2)
})
