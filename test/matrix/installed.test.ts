/** The package installed into a project of its own: it runs there, and TypeScript sees its types. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { npm } from '../helpers/npm.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

t.test('installed elsewhere', { timeout: 180_000 }, async (t) => {
  const folder = t.testdir({
    'package.json': JSON.stringify({ name: 'user', private: true, type: 'module' }),
    'esm.mjs': `
      import Fastify from 'fastify'
      import juggler, { createState } from 'fastify-juggler'
      import { connect } from 'fastify-juggler/client'
      const state = createState({ n: 1 })
      const app = Fastify()
      await app.register(juggler, { state })
      app.juggler.handle('twice', (connection, data) => data * 2)
      const client = await connect((await app.listen({ port: 0 })).replace('http', 'ws') + '/ws')
      console.log(await client.send('twice', 21))
      if (client.state.data === null) await new Promise((resolve) => client.state.onChange(resolve))
      console.log(JSON.stringify(client.state.data))
      await client.close()
      await app.close()`,
    'cjs.cjs': `
      const app = require('fastify')()
      app.register(require('fastify-juggler'))
      app.ready().then(() => { console.log(typeof app.juggler.handle); return app.close() })`,
    'user.ts': `
      import Fastify from 'fastify'
      import juggler, { createState } from 'fastify-juggler'
      import type { Connection, FastifyJugglerOptions } from 'fastify-juggler'
      import { connect } from 'fastify-juggler/client'
      import { connect as inPage } from 'fastify-juggler/client.browser.js'
      const app = Fastify()
      const options: FastifyJugglerOptions = { state: createState({ n: 1 }), autoflushDelay: 50 }
      await app.register(juggler, options)
      app.juggler.handle('name', (connection: Connection, data) => [connection.id, data])
      // @ts-expect-error a wrong type of option is an error, so the types are there and not any
      await app.register(juggler, { autoflushDelay: 'soon' })
      const client = await connect<{ n: number }>('ws://127.0.0.1/ws')
      const n: number = (await client.ready).n
      // @ts-expect-error nothing has come yet, perhaps
      client.state.data.n.toFixed()
      const signal = [AbortSignal.timeout(1)].find((signal) => signal.aborted)
      await inPage('/ws', { signal, framing: undefined, reconnect: undefined })
      await client.send('name', 1, { signal, timeout: undefined })
      // @ts-expect-error a snapshot is read-only
      client.state.data!.n = n + 1
      const state = createState({ list: [1] })
      state.update((draft) => { draft.list.push(2) })
      // @ts-expect-error the draft has the state's type
      state.update((draft) => { draft.list.push('x') })`,
    'tsconfig.json': JSON.stringify({
      compilerOptions: { target: 'es2023', module: 'nodenext', strict: true, noEmit: true, exactOptionalPropertyTypes: true, types: ['node'] },
      files: ['user.ts']
    })
  })
  const [packed] = JSON.parse(await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root))
  await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--legacy-peer-deps', join(folder, packed.filename)], folder)
  // The versions under test, and not whatever is newest: the peer and the compiler are those of the repository.
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true })
  for (const name of ['fastify', '@types/node']) {
    if (!existsSync(join(folder, 'node_modules', name))) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }

  t.equal((await run(process.execPath, ['esm.mjs'], { cwd: folder })).stdout, '42\n{"n":1}\n')
  t.match((await run(process.execPath, ['cjs.cjs'], { cwd: folder })).stdout, 'function')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  t.equal(await run(process.execPath, [tsc], { cwd: folder }).then(({ stdout }) => stdout, ({ stdout }) => stdout), '', 'TypeScript sees every type')
})
