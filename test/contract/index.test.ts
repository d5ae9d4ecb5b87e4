import t from 'tap'
import * as v from 'valibot'
import { z } from 'zod'
import { defineContract, typed } from '../../lib/contract/index.ts'

t.test('a contract keeps what it was given, and describes itself', async (t) => {
  const definition = { requests: { a: { data: { type: 'string' } } } } as const
  const contract = defineContract(definition)
  t.equal(contract.definition, definition)
  t.match(contract.asyncapi({ title: 'Pumps' }), { asyncapi: /^3\./, info: { title: 'Pumps' } })
  t.strictSame(typed<number>(), {})
  const broken = defineContract({ requests: { a: { data: { $ref: '#/$defs/none' } } } })
  t.throws(() => broken.asyncapi(), { code: 'JUGGLER_CONTRACT_INVALID', message: /requests\["a"\]\.data.*#\/\$defs\/none/ })
})

t.test('what is no definition', async (t) => {
  const cases: Array<[unknown, RegExp]> = [
    [null, /the contract must be an object, not null/],
    [{ request: {} }, /a member of the contract must be state or requests or notifications, not 'request'/],
    [{ state: 'object' }, /the state must be a JSON Schema/],
    [{ requests: [] }, /requests must be an object/],
    [{ requests: { 'juggler/x': {} } }, /the protocol's own, not 'juggler\/x'/],
    [{ requests: { '': {} } }, /the empty one, and those that begin with 'juggler\/'/],
    [{ requests: { a: { body: {} } } }, /a member of the request 'a' must be data or result, not 'body'/],
    [{ requests: { a: { result: 1 } } }, /'result' of the request 'a' must be a JSON Schema/],
    [{ notifications: { n: true } }, /the notification 'n' must be a JSON Schema/],
    [{ requests: { a: { data: z.string() } } }, /'data' of the request 'a' must be a JSON Schema, such as z.toJSONSchema/],
    [{ notifications: { n: v.string() } }, /the notification 'n' must be a JSON Schema, such as/]
  ]
  for (const [definition, message] of cases) t.throws(() => defineContract(definition as never), { code: 'JUGGLER_CONTRACT_INVALID', message })
  for (const app of [{ hasDecorator: () => false }, { hasDecorator: () => true, getDecorator: () => ({}) }]) {
    t.throws(() => defineContract({}).on(app as never), { code: 'JUGGLER_CONTRACT_INVALID', message: /an app with fastify-juggler/ })
  }
})
