import { renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { UserFile } from '../../../lib/server/http/user-file.ts'
import { htpasswdFile, quickReload, shaLine } from '../../helpers/htpasswd.ts'
import { Logs } from '../../helpers/logs.ts'

// What is tested keeps no process alive by itself
const alive = setInterval(() => {}, 1000)
t.teardown(() => { clearInterval(alive) })

async function setUp (t: Test, options: { path?: string, reload?: boolean } = {}) {
  const logs = new Logs()
  const folder = options.path === undefined ? t.testdir() : dirname(options.path)
  const path = options.path ?? htpasswdFile(folder, { ann: 'a', bob: 'b' })
  const file = await UserFile.open(path, Fastify({ logger: logs.logger }).log, options.reload ?? true, quickReload)
  t.teardown(() => { file.close() })
  const changes: string[][] = []
  let wake = (): void => {}
  file.onChange((revoked) => {
    if (revoked.size === 0) return
    changes.push([...revoked])
    wake()
  })
  const nextChange = (): Promise<void> => new Promise((resolve) => { wake = resolve })
  return { file, path, folder, logs, changes, nextChange }
}

/** Resolves when the condition holds; it is looked at again and again. */
async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
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

t.test('new users count at once; who is missing stays until the file is finished', async (t) => {
  const folder = t.testdir()
  const path = htpasswdFile(folder, { ann: 'a', bob: 'b' })
  const file = await UserFile.open(path, Fastify().log, true, { interval: 10, still: 1e9, longest: 1e9, replaced: 1e9 })
  t.teardown(() => { file.close() })
  const hash = file.users.get('ann')!.text
  const added = new Promise<ReadonlySet<string>>((resolve) => { file.onChange(resolve) })
  const before = file.bytes
  writeFileSync(path, shaLine('cem', 'c'))
  t.same([...await added], [], 'nobody is revoked')
  t.same([...file.users.keys()], ['ann', 'bob', 'cem'])
  t.ok(file.isCurrent('ann', hash))
  t.equal(file.bytes, before, 'keys that come from the file stay')

  const changed = new Promise<void>((resolve) => { file.onChange(() => { resolve() }) })
  writeFileSync(path, shaLine('ann', 'new'))
  await changed
  t.not(file.users.get('ann')!.text, hash, 'a new password counts at once')
  t.ok(file.isCurrent('ann', hash), 'and who came by the old one stays for now')
  t.ok(file.isCurrent('ann', file.users.get('ann')!.text))
  t.notOk(file.isCurrent('ann', 'other'))
})

t.test('lines that are written one by one revoke nobody who is in the finished file', async (t) => {
  const { file, path, changes, nextChange } = await setUp(t)
  const changed = nextChange()
  // each step is seen, and none lasts for as long as a finished file
  for (const text of ['', shaLine('bob', 'b'), shaLine('bob', 'b') + shaLine('cem', 'c'), shaLine('bob', 'b') + shaLine('cem', 'c') + shaLine('dan', 'd')]) {
    writeFileSync(path, text)
    if (text !== '') await until(() => [...text.matchAll(/^(\w+):/gm)].every(([, user]) => file.users.has(user!)))
  }
  await changed
  t.same(changes, [['ann']])
  t.same([...file.users.keys()], ['bob', 'cem', 'dan'])
})

t.test('who was added and is missing again before the file is finished is told of', async (t) => {
  const { file, path, changes, nextChange } = await setUp(t)
  const changed = nextChange()
  const all = file.bytes
  writeFileSync(path, `${all}${shaLine('cem', 'c')}`)
  await until(() => file.users.has('cem'))
  writeFileSync(path, all)
  await changed
  t.same(changes, [['cem']])
  t.same([...file.users.keys()], ['ann', 'bob'])
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
  const watched = await UserFile.open(path, Fastify().log, true, quickReload)
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
