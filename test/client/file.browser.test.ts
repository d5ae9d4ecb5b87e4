/** The browser file as it is built: its size, and what is not in it. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
// @ts-expect-error: the scripts have no types
import { bundleClient, internalNames } from '../../scripts/build-client.mjs'

const { code, map } = await bundleClient() as { code: string, map: string }

t.test('weighs no more than its budget: 6 kB min+gzip', async (t) => {
  const size = gzipSync(code, { level: 9 }).length
  t.ok(size <= 6144, `${size} bytes min+gzip, ${code.length} without gzip`)
})

t.test('shortens no name that a caller, a message or the platform has', async (t) => {
  const types = ['client', 'json', 'protocol', 'state'].map((name) => readFileSync(new URL(`../../types/${name}.ts`, import.meta.url), 'utf8')).join('')
  const platform: object[] = [
    Object, Array, String, Number, RegExp, Map, Set, Promise, Error, AggregateError, URL, URLSearchParams, AbortController, AbortSignal,
    EventTarget, Event, TextEncoder, JSON, Math, Date, globalThis
  ]
  platform.push({ url: 0, readyState: 0, bufferedAmount: 0, extensions: 0, protocol: 0, binaryType: 0, onopen: 0, onmessage: 0, onerror: 0, onclose: 0, send: 0, close: 0 })
  const names = internalNames as string[]
  t.ok(names.length > 0)
  t.equal(new Set(names).size, names.length)
  for (const name of names) {
    t.notMatch(types, new RegExp(`^ *(?:readonly )?${name}\\??\\s*[(:<]`, 'm'), name)
    t.same(platform.filter((one) => name in one || name in ((one as { prototype?: object }).prototype ?? {})), [], name)
    t.notOk(new RegExp(`\\.${name}\\b`).test(code), `${name} is shortened wherever it is`)
  }
})

t.test('needs nothing of Node, and fetches nothing', async (t) => {
  t.notMatch(code, /\bBuffer\b|["'`]node:|require\(|\bimport\s*[({"']/)
  t.notMatch(code, /\bprocess\b/)
})

t.test('is an ES module that exports the client', async (t) => {
  t.match(code, /export\{/)
  for (const name of ['connect', 'closeCodes', 'ConnectionClosedError', 'JugglerClientError', 'JugglerError', 'JugglerStateError']) {
    t.match(code, new RegExp(`as ${name}[,}]`))
  }
})

t.test('has a source map without anybody\'s paths', async (t) => {
  t.match(code, /\n\/\/# sourceMappingURL=client\.browser\.js\.map\n$/)
  const { sources } = JSON.parse(map) as { sources: string[] }
  t.ok(sources.length > 10)
  t.same(sources.filter((source) => !source.startsWith('../lib/')), [])
})
