/** The server's process, and questions to it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What the server says of itself when it has been left alone for a moment. */
export interface Measure {
  readonly heap: number
  readonly external: number
  readonly rss: number
  /** In µs. */
  readonly cpu: { readonly user: number, readonly system: number }
  readonly sockets: number
  readonly timers: number
  readonly connections: { readonly open: number, readonly closing: number, readonly opened: number, readonly closed: Record<number, number> }
  readonly buffered: { readonly input: number, readonly output: number }
  readonly limits: Record<string, number>
  readonly flushes: { readonly messages: number, readonly deliveries: number }
  readonly traffic: { readonly bytesSent: number }
  /** That are remembered. */
  readonly commands: number
}

export interface SoakServer {
  readonly url: string
  churn (isOn: boolean): Promise<void>
  /** The text of the state. */
  state (): Promise<string>
  /** Commands that ran since the last question: how many, and which of them not once. */
  runs (): Promise<{ twice: unknown[], size: number }>
  measure (): Promise<Measure>
  end (): Promise<void>
}

export async function startServer (): Promise<SoakServer> {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), { execArgv: ['--expose-gc'] })
  const waiting = new Map<number, (data: unknown) => void>()
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    child.on('message', (message: { port?: number, id?: number, data?: unknown }) => {
      if (message.port !== undefined) resolve(message.port)
      else waiting.get(message.id!)?.(message.data)
    })
  })
  let lastId = 0
  const ask = async (name: string, data?: unknown): Promise<unknown> => {
    const id = ++lastId
    const answer = await new Promise((resolve, reject) => {
      waiting.set(id, resolve)
      child.send({ id, name, data }, (error) => { if (error) reject(error) })
    })
    waiting.delete(id)
    return answer
  }
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    async churn (isOn) { await ask('churn', isOn) },
    state: () => ask('state') as Promise<string>,
    runs: () => ask('runs') as Promise<{ twice: unknown[], size: number }>,
    measure: () => ask('measure') as Promise<Measure>,
    async end () {
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    }
  }
}
