/** Runs cases of the suite in this process. */
import type { Test } from 'tap'
import type { Client, ConnectOptions } from '../../../types/client.ts'
import { connect } from '../../../lib/client/index.ts'
import { ScriptedServers } from './control.ts'
import type { Cases, Context } from './suite.ts'

export type Connect = (address: never, options?: ConnectOptions) => Promise<Client>

/** Scripted servers that end with the test, and a `connect` whose clients are closed before. */
export function contextOf (t: Test, connectTo: Connect = connect as Connect): Context {
  const control = new ScriptedServers()
  const clients: Client[] = []
  t.teardown(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await control.end()
  })
  return {
    control,
    inPage: false,
    async connect (address, options) {
      const client = await connectTo(address as never, options)
      clients.push(client)
      return client
    }
  }
}

export function runCases (t: Test, cases: Cases): void {
  t.jobs = 4
  for (const [name, run] of Object.entries(cases)) {
    t.test(name, { buffered: true }, async (t) => {
      await run(contextOf(t))
      t.pass('held')
    })
  }
}
