import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { framingAdvice } from '../../../lib/server/connection/framing-advice.ts'

const request = (query: object) => ({ query }) as FastifyRequest

t.test('who closes right after its first message may speak the other framing', async (t) => {
  t.match(framingAdvice(request({}), 'plain', 1000, 0), /framing=segmented in its URL/)
  t.match(framingAdvice(request({}), 'segmented', 1005, 3), /framing=plain in its URL/)
  t.equal(framingAdvice(request({}), 'plain', 1006, 0), undefined, 'a connection that was cut')
  t.equal(framingAdvice(request({}), 'plain', 1000, 4), undefined, 'somebody who has looked at it')
  t.equal(framingAdvice(request({ framing: 'plain' }), 'plain', 1000, 0), undefined, 'somebody who knows')
})
