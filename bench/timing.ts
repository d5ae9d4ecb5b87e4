/**
 * Whether the time of a refused login tells if the user exists: the ratio of unknown users to wrong passwords, per
 * form of hash, tries of both kinds alternating. 1 is what it should be. Run it:
 *
 *     node --import=tsx --import=./test/helpers/tsx-in-threads.mjs bench/timing.ts
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import Fastify from 'fastify'
import { Login } from '../lib/server/http/login.ts'
import { Throttle, throttleLimits } from '../lib/server/http/throttle.ts'
import { UserFile } from '../lib/server/http/user-file.ts'
import { table } from './report.ts'

/** With as many tries as the form's speed allows in a few seconds. */
const forms: ReadonlyArray<readonly [string, string, number]> = [
  ['{SHA}', `{SHA}${createHash('sha1').update('secret').digest('base64')}`, 20_000],
  ['$apr1$', '$apr1$Salt0$hPxtSJAry5WazprtBo81d.', 1000],
  ['bcrypt, cost 8', hashSync('secret', 8), 100]
]

// guesses are not to be slowed down here
const unlimited = { ...throttleLimits, pairBurst: Infinity, addressBurst: Infinity }

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1]!

async function measure (form: string, hash: string, tries: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'juggler-timing-'))
  const path = join(folder, 'htpasswd')
  writeFileSync(path, `ann:${hash}\n`)
  const file = await UserFile.open(path, Fastify().log, false)
  const login = new Login(file, undefined, new Throttle(unlimited))
  const times = { ann: [] as number[], eve: [] as number[] }
  try {
    for (let i = -10; i < tries; i++) {
      for (const user of ['ann', 'eve'] as const) {
        const start = performance.now()
        await login.check([{ user, password: `guess ${i}` }], '192.0.2.1').catch(() => {})
        if (i >= 0) times[user].push(performance.now() - start)
      }
    }
  } finally {
    await login.close()
    file.close()
    rmSync(folder, { recursive: true })
  }
  const [wrong, unknown] = [median(times.ann), median(times.eve)]
  return [form, String(tries), `${wrong.toFixed(3)} ms`, `${unknown.toFixed(3)} ms`, (unknown / wrong).toFixed(3)]
}

const rows: string[][] = []
for (const [form, hash, tries] of forms) rows.push(await measure(form, hash, tries))
console.log(table(['form', 'tries of each', 'wrong password (median)', 'unknown user (median)', 'ratio'], rows))
