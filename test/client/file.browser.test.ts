/** The browser file as it is built: its size, and what is not in it. */
import { gzipSync } from 'node:zlib'
import t from 'tap'
// @ts-expect-error: the scripts have no types
import { bundleClient } from '../../scripts/build-client.mjs'

const { code, map } = await bundleClient() as { code: string, map: string }

t.test('weighs no more than its budget: 9 kB min+gzip', async (t) => {
  const size = gzipSync(code, { level: 9 }).length
  t.ok(size <= 9216, `${size} bytes min+gzip, ${code.length} without gzip`)
})

t.test('needs nothing of Node, and fetches nothing', async (t) => {
  t.notMatch(code, /\bBuffer\b|["'`]node:|require\(|\bimport\s*[({"']/)
  t.notMatch(code, /\bprocess\b/)
})

t.test('is an ES module that exports the client', async (t) => {
  t.match(code, /export\{/)
  for (const name of ['connect', 'ConnectionClosedError', 'JugglerClientError', 'JugglerError', 'JugglerStateError']) {
    t.match(code, new RegExp(`as ${name}[,}]`))
  }
})

t.test('has a source map without anybody\'s paths', async (t) => {
  t.match(code, /\n\/\/# sourceMappingURL=client\.browser\.js\.map\n$/)
  const { sources } = JSON.parse(map) as { sources: string[] }
  t.ok(sources.length > 10)
  t.same(sources.filter((source) => !source.startsWith('../lib/')), [])
})
