import Fastify from 'fastify'
import t from 'tap'
import { z } from 'zod'
import juggler from '../../../../lib/index.ts'
import { serveApp } from '../../../helpers/served.ts'

const pump = { type: 'object', properties: { id: { type: 'integer' }, mode: { type: 'string', default: 'auto' } }, required: ['id'] } as const

t.test('data that breaks its schema is answered with the places, and does not run', async (t) => {
  const seen: unknown[] = []
  const { peer, logs } = await serveApp(t, (app) => {
    app.juggler.handle('start', { schema: { data: pump } }, (_connection, data) => { seen.push(data) })
  })
  t.match(await peer.ask(1, 'start', { id: 7 }), { success: true })
  t.same(seen, [{ id: 7, mode: 'auto' }], 'defaults are filled in')
  t.strictSame((await peer.ask(2, 'start', { id: '7' })).data, {
    code: 'JUGGLER_DATA_INVALID', message: 'data/id must be integer', errors: [{ path: '/id', message: 'must be integer' }]
  }, 'nothing is coerced')
  t.match((await peer.ask(3, 'start', null)).data, { message: 'data must be object' })
  t.match((await peer.ask(4, 'start')).data, { code: 'JUGGLER_DATA_INVALID' }, 'left out is null')
  t.equal(seen.length, 1)
  t.equal(logs.lines.filter(({ level }) => Number(level) >= 40).length, 0, 'a peer that errs is no trouble of ours')
})

t.test('nothing is taken away, and a valid null stays', async (t) => {
  const either = { anyOf: [{ type: 'object', properties: { a: { type: 'number' } }, additionalProperties: false }, { type: 'object', properties: { b: { type: ['number', 'null'] } }, additionalProperties: false }] }
  const { peer } = await serveApp(t, (app) => { app.juggler.handle('keep', { schema: { data: either } }, (_connection, data) => data) })
  t.strictSame((await peer.ask(1, 'keep', { b: null })).data, { b: null })
  t.match(await peer.ask(2, 'keep', { a: 1, b: 2 }), { success: false })
})

t.test('a result that breaks its schema is not sent, and is logged', async (t) => {
  const results: Record<string, unknown> = { good: { at: new Date(0), none: undefined }, bad: { at: 1 }, nan: NaN, list: [undefined] }
  const { peer, logs } = await serveApp(t, (app) => {
    const result = { type: 'object', properties: { at: { type: 'string', format: 'date-time' } }, additionalProperties: false }
    for (const name of ['good', 'bad']) app.juggler.handle(name, { schema: { result } }, async () => results[name])
    app.juggler.handle('nan', { schema: { result: { type: 'number' } } }, () => results['nan'] as number)
    app.juggler.handle('list', { schema: { result: { type: 'array', items: { type: 'number' } } } }, () => results['list'] as number[])
  })
  t.strictSame(await peer.ask(1, 'good'), { type: 'response', id: 1, success: true, data: { at: '1970-01-01T00:00:00.000Z' } }, 'what is checked is the text')
  for (const name of ['bad', 'nan', 'list']) {
    t.strictSame((await peer.ask(2, name)).data, { code: 'JUGGLER_RESULT_INVALID', message: 'the result breaks its schema' }, name)
  }
  t.match(logs.lines.filter(({ level }) => level === 50).map(({ request, errors }) => ({ request, errors })), [
    { request: 'bad', errors: [{ path: '/at', message: 'must be string' }] }, { request: 'nan' }, { request: 'list' }
  ])
})

t.test('a result of the app\'s own is not changed by its check', async (t) => {
  const own = Object.freeze({ id: 1 })
  const { peer } = await serveApp(t, (app) => { app.juggler.handle('own', { schema: { result: pump } }, () => own) })
  t.strictSame((await peer.ask(1, 'own')).data, { id: 1 }, 'no defaults in results')
})

t.test('shared schemas are those of the scope that the handler was registered in', async (t) => {
  const { peer } = await serveApp(t, async (app) => {
    app.addSchema({ $id: 'speed', type: 'integer' })
    await app.register(async (scope) => {
      scope.juggler.handle('inner', { schema: { data: { $ref: 'limit#' } } }, (_connection, data) => data)
      scope.addSchema({ $id: 'limit', type: 'integer', maximum: 10 })
    })
    app.juggler.handle('outer', { schema: { data: { $ref: 'speed#' } } }, (_connection, data) => data)
    // a body schema makes Fastify set its own compiler, which coerces
    app.post('/', { schema: { body: { type: 'object' } } }, async () => null)
  })
  t.match(await peer.ask(1, 'inner', 10), { success: true, data: 10 })
  t.match((await peer.ask(2, 'inner', 11)).data, { message: 'data must be <= 10' })
  t.match((await peer.ask(3, 'outer', '1')).data, { message: 'data must be integer' })
})

t.test('a validator compiler of the app is used, in all the forms that Fastify takes', async (t) => {
  const forms: Record<string, (data: unknown) => unknown> = {
    true: () => true,
    value: () => ({ value: 0 }),
    undefined: () => undefined,
    false: () => false,
    error: () => ({ error: new Error('not so') }),
    list: () => ({ error: [{ instancePath: '/a', message: 'is wrong' }] }),
    promise: async () => ({ value: 'later' }),
    'promise of an error': async () => ({ error: new Error('later no') }),
    throws: () => { throw new Error('broken validator') }
  }
  const { peer, logs } = await serveApp(t, (app) => {
    for (const form of Object.keys(forms)) {
      app.juggler.handle(form, { schema: { data: { form } } }, (_connection, data) => ({ got: data }))
    }
    // behind the handlers, as it may be in a plugin
    app.setValidatorCompiler((({ schema }: { schema: { form: string } }) => forms[schema.form]) as never)
  })
  const answers: Record<string, unknown> = {}
  for (const form of Object.keys(forms)) answers[form] = (await peer.ask(1, form, 'x')).data
  const invalid = (path: string, message: string) => ({ code: 'JUGGLER_DATA_INVALID', message: `data${path} ${message}`, errors: [{ path, message }] })
  t.strictSame(answers, {
    true: { got: 'x' },
    value: { got: 0 },
    undefined: { got: 'x' },
    false: invalid('', 'is not valid'),
    error: invalid('', 'not so'),
    list: invalid('/a', 'is wrong'),
    promise: { got: 'later' },
    'promise of an error': invalid('', 'later no'),
    throws: 'broken validator'
  })
  t.ok(logs.matching(/request handler failed/).length === 1, 'a validator that throws is a fault')
})

t.test('zod by a compiler of the app, and Ajv that coerces a scalar at the root', async (t) => {
  const { Ajv } = await import('ajv')
  const ajv = new Ajv({ coerceTypes: true })
  const { peer } = await serveApp(t, async (app) => {
    app.setValidatorCompiler((({ schema }: { schema: z.ZodType | object }) => {
      if (!('safeParse' in schema)) return ajv.compile(schema)
      return (data: unknown) => {
        const { success, data: value, error } = schema.safeParse(data)
        return success ? { value } : { error }
      }
    }) as never)
    app.juggler.handle('zod', { schema: { data: z.object({ at: z.string().transform(Number) }) } }, (_connection, data) => data)
    app.juggler.handle('ajv', { schema: { data: { type: 'integer' } } }, (_connection, data) => data)
  })
  t.strictSame((await peer.ask(1, 'zod', { at: '5' })).data, { at: 5 })
  t.match((await peer.ask(2, 'zod', { at: { b: 5 } })).data, { errors: [{ path: '/at', message: /expected string/ }] })
  t.strictSame((await peer.ask(3, 'ajv', '5')).data, 5)
})

t.test('many errors, and long ones, are cut', async (t) => {
  const { peer } = await serveApp(t, (app) => {
    app.setValidatorCompiler((() => () => ({ error: Array.from({ length: 50 }, (_, i) => ({ instancePath: `/${i}${'x'.repeat(1000)}`, message: 'y'.repeat(1000) })) })) as never)
    app.juggler.handle('long', { schema: { data: { a: 1 } } }, () => {})
  })
  const { data } = await peer.ask(1, 'long')
  t.equal((data as { errors: unknown[] }).errors.length, 10)
  t.ok(JSON.stringify(data).length < 5000)
})

t.test('`serializer: true` writes results by the compiler of the app', async (t) => {
  const { peer } = await serveApp(t, (app) => {
    app.setSerializerCompiler(() => (data) => JSON.stringify({ written: data }))
    app.juggler.handle('written', { schema: { result: pump }, serializer: true }, () => 5 as never)
  })
  t.strictSame((await peer.ask(1, 'written')).data, { written: 5 })
})

t.test('schemas that cannot be: the app does not start, and the error names the place', async (t) => {
  const cases: Array<[object, RegExp]> = [
    [{ schema: { data: { $ref: 'nowhere#' } } }, /the schema 'data' of requests called 'x' cannot be used: .*nowhere/],
    [{ schema: { data: { type: 'strnig' } } }, /'data' of requests called 'x'.*type/],
    [{ schema: { result: { typo: 'string' } } }, /'result' of requests called 'x'.*unknown keyword: "typo"/],
    [{ schema: { data: { $schema: 'https://json-schema.org/draft/2020-12/schema' } } }, /'data' of requests called 'x'.*2020-12/],
    [{ schema: { data: { $id: 'shared', type: 'number' } } }, /\$id 'shared' is that of another schema/],
    [{ schema: { result: pump }, serializer: true }, /needs a serializer compiler/]
  ]
  for (const [options, message] of cases) {
    const app = Fastify()
    await app.register(juggler)
    app.addSchema({ $id: 'shared', type: 'string' })
    app.juggler.handle('x', options, () => {})
    await t.rejects(async () => { await app.ready() }, { code: 'FST_JUGGLER_SCHEMA_INVALID', message })
    await app.close()
  }
  const { app } = await serveApp(t, () => {})
  t.throws(() => app.juggler.handle('late', { schema: { data: { type: 'strnig' } } }, () => {}), { code: 'FST_JUGGLER_SCHEMA_INVALID' }, 'at once where the app is ready')
})

t.test('what a serializer makes is sent only if it is text', async (t) => {
  for (const timeout of [undefined, 1000]) {
    const { peer } = await serveApp(t, (app) => {
      app.setSerializerCompiler(() => ((data: unknown) => data === 'number' ? 5 : data === 'empty' ? '' : JSON.stringify(data)) as never)
      app.juggler.handle('written', { schema: { result: {} }, serializer: true, ...(timeout && { timeout }) }, (_connection, data) => data ?? undefined as never)
    })
    t.strictSame(await peer.ask(1, 'written'), { type: 'response', id: 1, success: true, data: null })
    t.match(await peer.ask(1, 'written', 'number'), { success: false, data: { code: 'JUGGLER_RESULT_INVALID' } })
    t.match(await peer.ask(1, 'written', 'empty'), { success: false, data: { code: 'JUGGLER_RESULT_INVALID' } })
  }
})
