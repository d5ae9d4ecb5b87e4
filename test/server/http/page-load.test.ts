import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { isPageLoad } from '../../../lib/server/http/page-load.ts'

const is = (headers: Record<string, string>) => isPageLoad({ headers } as unknown as FastifyRequest)

t.test('what the browser says of its purpose counts', async (t) => {
  for (const purpose of ['document', 'iframe', 'frame']) t.ok(is({ 'sec-fetch-dest': purpose, accept: '*/*' }), purpose)
  for (const purpose of ['empty', 'script', 'image', 'style', 'worker']) t.notOk(is({ 'sec-fetch-dest': purpose, accept: 'text/html' }), purpose)
})

t.test('where it says nothing, what it accepts does', async (t) => {
  t.ok(is({ accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }))
  for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }] as Array<Record<string, string>>) t.notOk(is(headers))
})
