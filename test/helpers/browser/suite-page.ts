/** The suite of the client's cases, as a page loads it: the scripted servers are on the other side of a binding. */
import type { Client, ConnectOptions } from '../../../types/client.ts'
import type { Control } from '../client/control.ts'
import { suite } from '../client/suite.ts'

declare global {
  interface Window {
    callControl (name: string, method: string, args: unknown[]): Promise<unknown>
    runCase (name: string): Promise<void>
  }
}

// The file under test is served beside this one; it is not part of this bundle.
const file: string = '/plant/ws/client.js'
const { connect } = await import(file) as { connect: (address: unknown, options?: ConnectOptions) => Promise<Client> }

window.runCase = async (name) => {
  const clients: Client[] = []
  const control = new Proxy({}, {
    get: (_target, method: string) => (...args: unknown[]) => window.callControl(name, method, args)
  }) as Control
  try {
    await suite[name]!({
      control,
      inPage: true,
      async connect (address, options) {
        const client = await connect(address, options)
        clients.push(client)
        return client
      }
    })
  } finally {
    await Promise.all(clients.map((client) => client.close()))
  }
}
