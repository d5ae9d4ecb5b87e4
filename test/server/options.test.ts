import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { defaultOptions, readOptions } from '../../lib/server/options.ts'
import { createState } from '../../lib/state/state.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'

const read = (options: Record<string, unknown>) => readOptions(options as FastifyJugglerOptions)

t.test('without options the defaults hold, and both are frozen', async (t) => {
  const settings = readOptions()
  t.match(settings, defaultOptions)
  t.equal(settings.indexPath, null)
  t.ok(Object.isFrozen(settings))
  t.ok(Object.isFrozen(defaultOptions))
})

t.test('what is given overrides, undefined does not, and the caller keeps an untouched object', async (t) => {
  const options = Object.freeze({ autoflushDelay: 0, pingDelay: null, name: undefined })
  t.match(readOptions(options as unknown as FastifyJugglerOptions), { autoflushDelay: 0, pingDelay: null, name: 'juggler' })
})

t.test('paths become absolute, and a folder brings an index', async (t) => {
  t.match(readOptions({ staticDir: 'public' }), { staticDir: resolve('public'), indexPath: '/index.html' })
  t.match(readOptions({ staticDir: pathToFileURL('/srv/a b'), indexPath: null }), { staticDir: '/srv/a b', indexPath: null })
  t.match(readOptions({ indexPath: '/start?tab=1' }), { staticDir: undefined, indexPath: '/start?tab=1' })
  t.equal(readOptions({ htpasswdFile: 'users' }).htpasswdFile, resolve('users'))
  t.equal(readOptions({ prefix: '/' }).prefix, '')
})

t.test('fastify\'s own register options pass', async (t) => {
  t.doesNotThrow(() => read({ logLevel: 'warn', logSerializers: {} }))
})

const timers = ['autoflushDelay', 'shutdownTimeout', 'framingTimeout', 'pingDelay', 'pingTimeout']
const wrong: Array<[string, unknown[]]> = [
  ['prefix', ['api', '/a?b', 1, null]],
  ['wsPath', ['', 'ws', '/ws?x=1', '/ws#x', null, 1]],
  ['state', [null, {}, 1, 'x', { get () {}, onChange () {} }]],
  ...timers.map((name): [string, unknown[]] => [name, [-1, 1.5, NaN, Infinity, 2 ** 31, '5', true, {}]]),
  ['pingDelay', [0]],
  ['pingTimeout', [0, null]],
  ['shutdownTimeout', [null]],
  ['parallelRequests', [1, null, 'yes']],
  ['staticDir', ['', new URL('http://host/'), 1, 'a\0b']],
  ['indexPath', ['/', '', 'index.html', '//evil.example', '/\\evil.example', 1, false]],
  ['noCache', ['no']],
  ['htpasswdFile', ['', null, 1]],
  ['htpasswdReload', [0]],
  ['ticketSecret', ['short', new Uint8Array(31), 1]],
  ['allowedOrigins', [false, 'https://host', [1], [''], ['host'], ['null'], ['https://host/path'], ['https://*.host'], null]],
  ['spaFallback', [1, null, '/index.html']],
  ['publicPath', ['', 'panel', '//panel', '/a//b', '/a?b', '/a;b', '/a b', '/\\\\a', null, 1]],
  ['allowedHosts', [true, 'host', [null], ['http://host'], ['host:99999'], ['user@host']]],
  ['trustForwarded', [1]],
  ['additionalRoutes', [{}, [1], null]],
  ['route', [[], null, { handler () {} }]],
  ['framing', ['Plain', null, 1]],
  ['maxSegmentSize', [0, -1, 1.5, Infinity]],
  ['maxPayload', [0, 2 ** 31, 1.5]],
  ['maxBufferedBytes', [0, Infinity]],
  ['maxQueuedBytes', [-1, '1']],
  ['compression', [{}]],
  ['serveClient', [0]],
  ['exposeErrors', [0]],
  ['name', ['', 1, null]]
]

for (const [name, values] of wrong) {
  t.test(`${name} is checked`, async (t) => {
    for (const value of values) {
      t.throws(() => read({ [name]: value }), { code: 'FST_JUGGLER_OPTION_INVALID', message: new RegExp(`^option '${name}(\\[0\\])?' is `) }, String(value))
    }
  })
}

const right: FastifyJugglerOptions[] = [
  { state: createState() }, { state: () => createState() }, { autoflushDelay: 0 }, { autoflushDelay: null }, { pingDelay: null }, { pingDelay: 1 },
  { shutdownTimeout: 0 }, { framing: 'auto' }, { framing: 'segmented', maxSegmentSize: 1 }, { maxQueuedBytes: 0 }, { pingTimeout: 2 ** 31 - 1 },
  { allowedOrigins: true }, { allowedOrigins: ['https://host'] }, { allowedOrigins: () => true }, { ticketSecret: 'x'.repeat(32) },
  { wsPath: '/' }, { prefix: '/api', wsPath: '/live/:room' }
]

t.test('values at the edges of the ranges pass', async (t) => {
  for (const options of right) t.doesNotThrow(() => readOptions(options), Object.keys(options).join())
})

t.test('an error names the option, the value and what was expected', async (t) => {
  t.throws(() => read({ pingDelay: 0 }), { message: "option 'pingDelay' is 0, expected null or an integer from 1 to 2147483647" })
  t.throws(() => read({ framing: 'x'.repeat(1000) }), { message: "option 'framing' is a string of 1000 characters, expected 'plain', 'segmented' or 'auto'" })
})

t.test('an error of a list names the entry', async (t) => {
  t.throws(() => read({ allowedOrigins: ['https://a.example', 'https://*.example'] }), { message: /^option 'allowedOrigins\[1\]' is 'https:\/\/\*\.example', expected .*no wildcard \(a function can match those\)/ })
  t.throws(() => read({ allowedHosts: ['a.example', 'b.example', '*.example'] }), { message: /^option 'allowedHosts\[2\]' is '\*\.example', expected a host/ })
  t.throws(() => read({ additionalRoutes: [{}, 7] }), { message: "option 'additionalRoutes[1]' is 7, expected an object of route options" })
})

t.test('the fallback to a page needs the page', async (t) => {
  t.throws(() => readOptions({ spaFallback: true }), { code: 'FST_JUGGLER_OPTION_CONFLICT', message: /'spaFallback' does not go with a missing 'staticDir'/ })
  t.throws(() => readOptions({ spaFallback: true, staticDir: '.', indexPath: null }), { code: 'FST_JUGGLER_OPTION_CONFLICT', message: /'spaFallback' does not go with option 'indexPath' \(null\)/ })
  t.doesNotThrow(() => readOptions({ spaFallback: true, staticDir: '.' }))
  t.equal(readOptions({ publicPath: '/panel/' }).publicPath, '/panel')
  t.equal(readOptions({ publicPath: '/' }).publicPath, '')
})

t.test('an error never shows a secret', async (t) => {
  t.throws(() => read({ ticketSecret: 'hunter2' }), { message: /^(?!.*hunter2)/ })
})

t.test('an unknown option is an error that names the closest one', async (t) => {
  t.throws(() => read({ autoFlushDelay: 1 }), { code: 'FST_JUGGLER_OPTION_UNKNOWN', message: "option 'autoFlushDelay' is unknown, did you mean 'autoflushDelay'?" })
  t.throws(() => read({ colour: 1 }), { code: 'FST_JUGGLER_OPTION_UNKNOWN', message: "option 'colour' is unknown" })
  t.throws(() => read({ constructor: 1 }), { code: 'FST_JUGGLER_OPTION_UNKNOWN' })
})

t.test('the WebSocket route and the redirect cannot both be at the root', async (t) => {
  t.throws(() => readOptions({ wsPath: '/', staticDir: '.' }), { code: 'FST_JUGGLER_OPTION_CONFLICT', message: /wsPath.*indexPath/ })
  t.throws(() => readOptions({ wsPath: '/ws/' }), { code: 'FST_JUGGLER_OPTION_CONFLICT', message: /wsPath.*serveClient/ })
  t.equal(readOptions({ wsPath: '/ws/', serveClient: false }).wsPath, '/ws/')
  t.doesNotThrow(() => readOptions({ wsPath: '/', staticDir: '.', indexPath: null }))
})
