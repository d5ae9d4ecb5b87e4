import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { pathsOf, ViewChoice } from '../../../lib/server/views/choice.ts'
import { compileViews } from '../../../lib/server/views/view-filters.ts'

const requestOf = (query: object) => {
  const warnings: unknown[] = []
  return { query, warnings, log: { warn: (details: unknown) => { warnings.push(details) } } } as unknown as FastifyRequest & { warnings: unknown[] }
}

t.test('who has which view', async (t) => {
  const logged: unknown[] = []
  const choice = new ViewChoice(({ query }) => (query as { as: string }).as, compileViews({ a: { allow: ['/x'], deny: ['/x/*/y'] } }), (details) => { logged.push(details) })
  const chosen = await choice.of(requestOf({ as: 'a' }))
  t.equal(chosen.key, 'a')
  for (let i = 0; i < 3; i++) for (let k = 0; k < 200; k++) chosen.onHiddenArray(['x', k])
  t.equal(logged.length, 100, 'each once, and not without end')
  for (const as of ['b', undefined, null, {}, 'toString']) {
    const request = requestOf({ as })
    await t.rejects(choice.of(request), { code: 'FST_JUGGLER_VIEW_REFUSED', statusCode: 403 })
    t.equal(request.warnings.length, 1)
  }
})

t.test('which parts an upgrade asks for', async (t) => {
  t.equal(pathsOf({ query: {} }), undefined)
  t.equal(pathsOf({ query: undefined }), undefined)
  t.same(pathsOf({ query: { path: '/a' } })!.pointers, ['/a'])
  t.same(pathsOf({ query: { path: ['/b', '/a'] } })!.pointers, ['/a', '/b'])
  t.throws(() => pathsOf({ query: { path: 'a' } }), { code: 'FST_JUGGLER_PATHS_INVALID', statusCode: 400 })
})
