import t from 'tap'
import { readHandleOptions } from '../../../lib/server/requests/handle-options.ts'

t.test('options of a handler are copied', async (t) => {
  const schema = { data: { type: 'string' } }
  const options = { schema, timeout: 5, once: true }
  const read = readHandleOptions('x', options)
  t.same(read, options)
  t.not(read, options)
  t.same(readHandleOptions('x', { once: undefined } as never), {})
})

t.test('what cannot be', async (t) => {
  const cases: Array<[unknown, object]> = [
    [null, { code: 'FST_JUGGLER_ARGUMENT_INVALID' }],
    [[], { code: 'FST_JUGGLER_ARGUMENT_INVALID' }],
    [{ schema: true }, { code: 'FST_JUGGLER_OPTION_INVALID' }],
    [{ schema: { body: {} } }, { code: 'FST_JUGGLER_OPTION_UNKNOWN', message: /'x: schema.body'/ }],
    [{ schema: { data: 'string' } }, { code: 'FST_JUGGLER_OPTION_INVALID', message: /'x: schema.data'/ }],
    [{ timeout: 0 }, { code: 'FST_JUGGLER_OPTION_INVALID' }],
    [{ timeout: 2 ** 31 }, { code: 'FST_JUGGLER_OPTION_INVALID' }],
    [{ once: 1 }, { code: 'FST_JUGGLER_OPTION_INVALID' }],
    [{ onc: true }, { code: 'FST_JUGGLER_OPTION_UNKNOWN', message: /did you mean 'x: once'/ }],
    [{ serializer: true }, { code: 'FST_JUGGLER_OPTION_CONFLICT' }]
  ]
  for (const [options, error] of cases) t.throws(() => readHandleOptions('x', options as never), error as { code: string })
})
