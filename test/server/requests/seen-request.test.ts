import t from 'tap'
import { SeenRequest, keyOf } from '../../../lib/server/requests/seen-request.ts'
import type { RequestMessage } from '../../../types/protocol.ts'
import type { RequestContext } from '../../../types/server.ts'

t.test('hooks see what was sent, whatever the handler has done to its data', async (t) => {
  const text = '{"type":"request","id":1,"name":"a","data":{"n":1},"key":"k"}'
  const request = JSON.parse(text) as RequestMessage & { data: { n: number } }
  const log = {}
  const seen = new SeenRequest(request, { log } as RequestContext, text)
  t.match(seen, { name: 'a', id: 1, key: 'k' })
  t.equal(seen.log, log)
  t.equal(seen.data, request.data, 'before it is allowed nobody has changed it')
  seen.isAllowed = true
  request.data.n = 2
  t.same(seen.data, { n: 1 })
  t.equal(seen.data, seen.data, 'one copy')
  t.equal(keyOf({ ...request, key: 5 } as unknown as RequestMessage), undefined, 'what is no key')
})
