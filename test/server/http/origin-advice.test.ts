import t, { type Test } from 'tap'
import type { FastifyServerOptions } from 'fastify'
import type { FastifyJugglerOptions } from '../../../types/options.ts'
import { startApp } from '../../helpers/app.ts'
import { Logs } from '../../helpers/logs.ts'
import { refusal } from '../../helpers/peer.ts'

/** What the log says of an upgrade with these headers. */
async function advice (
  t: Test, headers: Record<string, string>, fastify: FastifyServerOptions = {}, juggler: FastifyJugglerOptions = {}
): Promise<string> {
  const logs = new Logs()
  const { origin } = await startApp(t, { juggler, fastify: { ...fastify, logger: logs.logger } })
  t.equal(await refusal(t, `${origin}/ws`, { headers }), 403)
  return (await logs.line(/^refused: /)).msg
}

const origin = 'https://panel.example'

t.test('names what is missing for this very request', async (t) => {
  t.match(await advice(t, { origin: 'http://panel.example:8080', host: 'panel.example' }), /\$http_host/, "nginx's $host drops the port")
  t.match(await advice(t, { origin, host: 'app:8080', 'x-forwarded-for': '192.0.2.1' }), /sent no X-Forwarded-Host.*Host \$http_host.*trustProxy/)
  t.match(await advice(t, { origin, host: 'app:8080', 'x-forwarded-for': '192.0.2.1' }, { trustProxy: true }), /sent no X-Forwarded-Host(?!.*trustProxy)/)
  t.match(await advice(t, { origin, host: 'app:8080', 'x-forwarded-host': 'panel.example' }), /'trustProxy' does not trust the proxy/)
  t.match(await advice(t, { origin, host: 'panel.example', 'x-forwarded-host': 'app:8080' }, { trustProxy: true }), /X-Forwarded-Host, which goes first/)
  t.match(await advice(t, { origin, host: 'app:8080' }), /another site needs the option 'allowedOrigins'; behind a proxy, .*\$http_host/)
  t.match(await advice(t, { origin: 'null' }), /sandboxed frames.*'allowedOrigins'/)
})

t.test('where the option is set, it names the option', async (t) => {
  t.match(await advice(t, { origin }, {}, { allowedOrigins: ['https://other.example'] }), /not in the option 'allowedOrigins'/)
  t.match(await advice(t, { origin }, {}, { allowedOrigins: () => false }), /the function in the option 'allowedOrigins'/)
})
