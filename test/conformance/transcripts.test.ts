/** The golden transcripts, replayed by the script that drives any server by its URL. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { StockServer } from '../helpers/interop/stock-server.ts'
import { implementation } from '../helpers/conformance/harness.ts'
import { application, delayWindow } from '../helpers/conformance/transcript-server.ts'

const script = fileURLToPath(new URL('../../scripts/conformance.mjs', import.meta.url))

function replay (...args: string[]): Promise<{ stdout: string, code: unknown }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout) => { resolve({ stdout, code: error?.code ?? 0 }) })
  })
}

for (const framing of ['plain', 'segmented'] as const) {
  t.test(`${framing} framing`, async (t) => {
    const server = await implementation.start({ ...application, framing })
    t.teardown(() => server.stop())
    await t.spawn(process.execPath, [script, server.url, '--framing', framing, '--window', String(delayWindow)], {}, 'conformance.mjs')
  })
}

t.test('a server that does not keep to them is told so', async (t) => {
  const server = await implementation.start({ ...application, onRequest: () => 'always the same' })
  t.teardown(() => server.stop())
  const { stdout, code } = await replay(server.url, '--only', 'R0')
  t.equal(code, 1)
  t.match(stdout, /^not ok \d+ - plain requests: R03 /m)
  t.match(stdout, /^ok \d+ - plain requests: R07 /m)
})

t.test('--any-close-code is for servers that do not say why they close', async (t) => {
  const { url } = await StockServer.listen(t, 'plain')
  const strict = await replay(url, '--only', 'M0')
  t.equal(strict.code, 1)
  t.match(strict.stdout, 'expected a close with 4400, got a close with 1000')
  const lenient = await replay(url, '--only', 'M0', '--any-close-code')
  t.equal(lenient.code, 0)
  t.match(lenient.stdout, /^ok \d+ - plain malformed: M08 an unknown type/m)
})

t.test('wrong arguments are answered with how it is called', async (t) => {
  for (const args of [[], ['ws://127.0.0.1:1/ws', '--framing', 'other'], ['ws://127.0.0.1:1/ws', '--window', 'x']]) {
    t.equal((await replay(...args)).code, 2)
  }
})
