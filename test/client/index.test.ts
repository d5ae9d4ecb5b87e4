import t from 'tap'
import * as client from '../../lib/client/index.ts'
import { contextOf } from '../helpers/client/run.ts'
import { message } from '../helpers/client/suite.ts'

t.test('exports what the documentation says', async (t) => {
  t.same(Object.keys(client).sort(), ['ConnectionClosedError', 'JugglerClientError', 'JugglerError', 'JugglerStateError', 'closeCodes', 'connect', 'errorCodes'])
})

t.test('connects to what it is told', async (t) => {
  const { control } = contextOf(t)
  const { url } = await control.listen()
  const connected = await client.connect<{ speed: number }>(url)
  t.teardown(() => connected.close())
  const { ready } = connected
  await control.say(await control.next(), message.whole({ speed: 1450 }))
  const { speed }: { readonly speed: number } = await ready
  t.equal(speed, 1450)
  t.equal(connected.state.data?.speed, 1450)
})

t.test('in Node there is no default address', async (t) => {
  await t.rejects(client.connect(), { code: 'JUGGLER_ADDRESS_INVALID' })
})
