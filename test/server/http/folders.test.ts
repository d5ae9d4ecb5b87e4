import { symlinkSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { assertNotServed, isInside, staticRoot, toPath } from '../../../lib/server/http/folders.ts'

t.test('paths may be file URLs, absolute or relative', async (t) => {
  t.equal(toPath('a/b'), resolve('a/b'))
  t.equal(toPath(resolve('/x')), resolve('/x'))
  t.equal(toPath(pathToFileURL(resolve('/x y'))), resolve('/x y'))
  t.equal(toPath(pathToFileURL(resolve('/x y')).href), resolve('/x y'))
})

t.test('the folder to serve must be there', async (t) => {
  const dir = t.testdir({ public: { a: '' }, file: '', link: t.fixture('symlink', 'public') })
  t.equal(staticRoot(join(dir, 'public')), join(dir, 'public'))
  t.equal(staticRoot(join(dir, 'link')), join(dir, 'public'), 'links are resolved')
  t.throws(() => staticRoot(join(dir, 'none')), { code: 'FST_JUGGLER_STATIC_DIR', message: /option 'staticDir': cannot open '.*none' \(ENOENT\)/ })
  t.throws(() => staticRoot(join(dir, 'file')), { code: 'FST_JUGGLER_STATIC_DIR', message: /is not a folder/ })
})

t.test('inside is below, not beside', async (t) => {
  const at = (...parts: string[]) => sep + parts.join(sep)
  t.ok(isInside(at('a'), at('a')))
  t.ok(isInside(at('a'), at('a', 'b', 'c')))
  t.ok(isInside(at('a'), at('a', '..b')))
  t.notOk(isInside(at('a'), at('ab')))
  t.notOk(isInside(at('a', 'b'), at('a')))
  t.notOk(isInside(at('a', 'b'), at('a', 'c')))
})

t.test('a file with secrets is not served, by its own name or another', async (t) => {
  const dir = t.testdir({ public: { secret: 'x', sub: { secret: 'x' } }, outside: 'x', into: t.fixture('symlink', 'public/secret') })
  const root = staticRoot(join(dir, 'public'))
  symlinkSync('../outside', join(root, 'out'))
  for (const file of ['public/secret', 'public/sub/secret', 'into', 'public/out', 'public/not-there-yet']) {
    t.throws(() => assertNotServed('htpasswdFile', join(dir, file), root), { code: 'FST_JUGGLER_SECRET_EXPOSED', message: /option 'htpasswdFile'/ }, file)
  }
  t.doesNotThrow(() => assertNotServed('pemFile', join(dir, 'outside'), root))
  t.doesNotThrow(() => assertNotServed('pemFile', join(dir, 'none', 'none'), root))
})
