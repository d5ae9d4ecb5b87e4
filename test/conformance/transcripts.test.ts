/** The golden transcripts, replayed by the script that drives any server by its URL. */
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { implementation } from './harness.ts'
import { application, delayWindow } from './transcript-server.ts'

const script = fileURLToPath(new URL('../../scripts/conformance.mjs', import.meta.url))

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
  const { execFile } = await import('node:child_process')
  const { stdout, code } = await new Promise<{ stdout: string, code: unknown }>((resolve) => {
    execFile(process.execPath, [script, server.url, '--only', 'R0'], (error, stdout) => resolve({ stdout, code: error?.code }))
  })
  t.equal(code, 1)
  t.match(stdout, /^not ok \d+ - plain requests: R03 /m)
  t.match(stdout, /^ok \d+ - plain requests: R07 /m)
})
