import { renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { UserFile } from '../../../lib/server/http/user-file.ts'
import { htpasswdFile, shaLine } from '../../helpers/htpasswd.ts'
import { Logs } from '../../helpers/logs.ts'

// What is tested keeps no process alive by itself
const alive = setInterval(() => {}, 1000)
t.teardown(() => { clearInterval(alive) })

async function setUp (t: Test, options: { path?: string, reload?: boolean } = {}) {
  const logs = new Logs()
  const folder = options.path === undefined ? t.testdir() : dirname(options.path)
  const path = options.path ?? htpasswdFile(folder, { ann: 'a', bob: 'b' })
  const file = await UserFile.open(path, Fastify({ logger: logs.logger }).log, options.reload ?? true, 10)
  t.teardown(() => { file.close() })
  const changes: string[][] = []
  let wake = (): void => {}
  file.onChange((changed) => {
    changes.push([...changed])
    wake()
  })
  const nextChange = (): Promise<void> => new Promise((resolve) => { wake = resolve })
  return { file, path, folder, logs, changes, nextChange }
}

t.test('a changed file is read again; removed and changed users are told apart from new ones', async (t) => {
  const { file, path, changes, nextChange } = await setUp(t)
  const changed = nextChange()
  writeFileSync(path, shaLine('bob', 'new') + shaLine('cem', 'c'))
  await changed
  t.same([...file.users.keys()], ['bob', 'cem'])
  t.same(changes, [['ann', 'bob']])
  t.equal(String(file.bytes), shaLine('bob', 'new') + shaLine('cem', 'c'))
})

t.test('a file replaced by renaming is seen', async (t) => {
  const { file, path, folder, nextChange } = await setUp(t)
  const changed = nextChange()
  writeFileSync(join(folder, 'next'), shaLine('cem', 'c'))
  renameSync(join(folder, 'next'), path)
  await changed
  t.same([...file.users.keys()], ['cem'])
})

t.test('so is a link that points elsewhere now, as mounted secrets do', async (t) => {
  const folder = t.testdir()
  htpasswdFile(folder, { ann: 'a' }, 'one')
  htpasswdFile(folder, { bob: 'b' }, 'two')
  const path = join(folder, 'current')
  symlinkSync('one', path)
  const { file, nextChange } = await setUp(t, { path })
  const changed = nextChange()
  symlinkSync('two', join(folder, 'next'))
  renameSync(join(folder, 'next'), path)
  await changed
  t.same([...file.users.keys()], ['bob'])
})

t.test('a broken file keeps the users from before, logs why, and is read when it is mended', async (t) => {
  const { file, path, logs, changes, nextChange } = await setUp(t)
  writeFileSync(path, 'ann:plain password\n')
  const line = await logs.line(/cannot be used; the users from before stay/)
  t.match(line, { err: { code: 'FST_JUGGLER_HTPASSWD_INVALID', message: /line 1/ } })
  t.notMatch(JSON.stringify(logs.lines), /plain password\\n|ann:plain/)
  t.same([...file.users.keys()], ['ann', 'bob'])
  t.same(changes, [])
  const changed = nextChange()
  writeFileSync(path, shaLine('ann', 'a'))
  await changed
  t.same(changes, [['bob']])
  t.equal(logs.matching(/cannot be used/).length, 1, 'logged once')
})

t.test('a file written again as it was is no change', async (t) => {
  const { file, path, changes, nextChange } = await setUp(t)
  writeFileSync(path, file.bytes)
  // several looks at the file; were this too short, the test would pass all the same
  await new Promise((resolve) => setTimeout(resolve, 100))
  const changed = nextChange()
  writeFileSync(path, shaLine('ann', 'a'))
  await changed
  t.same(changes, [['bob']])
})

t.test('a file that went away keeps them as well', async (t) => {
  const { file, path, logs, nextChange } = await setUp(t)
  unlinkSync(path)
  const line = await logs.line(/cannot be used/)
  t.match(line, { err: { code: 'FST_JUGGLER_HTPASSWD_UNREADABLE', message: /ENOENT/ } })
  t.equal(file.users.size, 2)
  const changed = nextChange()
  writeFileSync(path, shaLine('ann', 'a'))
  await changed
  t.equal(file.users.size, 1)
})

t.test('without reload it is read once', async (t) => {
  const { file, path, changes } = await setUp(t, { reload: false })
  const watched = await UserFile.open(path, Fastify().log, true, 10)
  t.teardown(() => { watched.close() })
  const seen = new Promise<void>((resolve) => { watched.onChange(() => { resolve() }) })
  writeFileSync(path, shaLine('cem', 'c'))
  await seen
  t.same(changes, [])
  t.same([...file.users.keys()], ['ann', 'bob'])
})

t.test('a missing, unreadable or malformed file is an error at once', async (t) => {
  const folder = t.testdir({ bad: 'ann\n', folder: {} })
  const { log } = Fastify()
  await t.rejects(UserFile.open(join(folder, 'none'), log, true), { code: 'FST_JUGGLER_HTPASSWD_UNREADABLE', message: /none' \(ENOENT\)/ })
  await t.rejects(UserFile.open(join(folder, 'folder'), log, true), { code: 'FST_JUGGLER_HTPASSWD_UNREADABLE', message: /EISDIR/ })
  await t.rejects(UserFile.open(join(folder, 'bad'), log, true), { code: 'FST_JUGGLER_HTPASSWD_INVALID', message: /line 1 has no ':'/ })
})

t.test('nothing is read after close', async (t) => {
  const { file, path, changes, folder } = await setUp(t)
  file.close()
  file.close()
  rmSync(path)
  const other = await setUp(t, { path: htpasswdFile(folder, { ann: 'a' }, 'other') })
  const changed = other.nextChange()
  writeFileSync(other.path, '')
  await changed
  t.same(changes, [])
  t.equal(file.users.size, 2)
})
