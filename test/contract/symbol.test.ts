import t from 'tap'
import { defineContract } from '../../lib/contract/index.ts'
import { kContract } from '../../lib/contract/symbol.ts'

t.test('a registration is known by a name that two copies of the package share', async (t) => {
  t.equal(kContract, Symbol.for('fastify-juggler.contract'))
  const definition = { requests: {} }
  const app = { hasDecorator: () => true, getDecorator: () => ({ [kContract]: (given: unknown) => ({ given }) }) }
  t.match(defineContract(definition).on(app as never), { given: definition })
})
