import t from 'tap'
import * as main from '../lib/index.ts'

t.test('the entry exports what docs/api.md says', async (t) => {
  t.strictSame(Object.keys(main).sort(), [
    'ConnectionClosedError', 'JugglerClientError', 'JugglerError', 'JugglerStateError', 'closeCodes', 'createState', 'default', 'defaultOptions', 'derive',
    'errorCodes', 'fastifyJuggler', 'listen'
  ])
  t.equal(main.default, main.fastifyJuggler)
})
