import t from 'tap'
import { refuse } from '../lib/refuse.ts'

t.test('what is refused is named, with what it must be', async (t) => {
  t.throws(() => refuse('pingDelay', -1, 'a positive integer'), { name: 'JugglerClientError', code: 'JUGGLER_OPTION_INVALID', message: 'pingDelay must be a positive integer, not -1' })
  t.throws(() => refuse('an address', 'ftp://x', 'a URL', 'JUGGLER_ADDRESS_INVALID'), { code: 'JUGGLER_ADDRESS_INVALID' })
})
