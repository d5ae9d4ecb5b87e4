import Fastify from 'fastify'
import t from 'tap'
import { bindingsOf, rewriteUrlOf } from '../../../lib/server/upgrade/fastify-internals.ts'

t.test('what is relied on of Fastify: all options stand under a symbol called fastify.options', async (t) => {
  const rewriteUrl = () => '/'
  const app = Fastify({ rewriteUrl })
  t.teardown(() => app.close())
  t.equal(rewriteUrlOf(app), rewriteUrl)
  await app.register(async (scope) => { t.equal(rewriteUrlOf(scope), rewriteUrl, 'in a scope as well') })
  t.equal(rewriteUrlOf(Fastify()), undefined)
  t.equal(rewriteUrlOf({} as ReturnType<typeof Fastify>), undefined, 'and without it there is none')
})

t.test('the servers for further addresses of localhost stand under fastify.serverBindings, once the app listens', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  let inHook: unknown
  app.addHook('onListen', async () => { inHook = [...bindingsOf(app)] })
  await app.listen({ port: 0, host: 'localhost' })
  t.equal(bindingsOf(app).length, app.addresses().length - 1)
  t.strictSame(inHook, [...bindingsOf(app)])
  t.strictSame(bindingsOf({} as ReturnType<typeof Fastify>), [])
})
