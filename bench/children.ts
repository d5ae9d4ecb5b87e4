/** Child processes with typed calls over their IPC channel. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

type Methods = Record<string, (...args: never[]) => unknown>
interface Call { id: number, name: string, args: unknown[] }
interface Answer { id: number, value?: unknown, error?: string }

const longestCall = 180_000
const longestExit = 5000

/** A process of our own that answers calls, and ends with us whatever happens. */
export class Child<M extends Methods> {
  readonly #process: ChildProcess
  readonly #pending = new Map<number, { resolve: (value: unknown) => void, reject: (error: Error) => void }>()
  #ids = 0

  /** @param flags - for Node, beside those that every process gets */
  constructor (file: URL, flags: string[] = []) {
    this.#process = fork(file, {
      execArgv: ['--expose-gc', `--import=${import.meta.resolve('tsx')}`, ...flags],
      env: { ...process.env, NODE_ENV: 'production' },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc']
    })
    this.#process.on('message', ({ id, value, error }: Answer) => {
      const pending = this.#pending.get(id)
      this.#pending.delete(id)
      if (error === undefined) pending?.resolve(value)
      else pending?.reject(new Error(error))
    })
    this.#process.on('exit', () => {
      for (const { reject } of this.#pending.values()) reject(new Error(`${file.pathname.split('/').slice(-2).join('/')} ended`))
    })
  }

  async call<K extends keyof M & string> (name: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>> {
    const id = ++this.#ids
    const answer = new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }))
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), longestCall)
    try {
      this.#process.send({ id, name, args } satisfies Call)
      return await answer as Awaited<ReturnType<M[K]>>
    } finally {
      clearTimeout(timer)
    }
  }

  async stop (): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, 'exit')
    // It exits by itself when the channel closes, so that it can still write a profile.
    if (this.#process.connected) this.#process.disconnect()
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), longestExit)
    await exit
    clearTimeout(timer)
  }
}

/** The other end: answers the calls of the parent until it goes away. */
export function answer<M extends Methods> (methods: M): void {
  process.on('message', async ({ id, name, args }: Call) => {
    const reply: Answer = { id }
    try {
      reply.value = await methods[name]!(...args as never[])
    } catch (error) {
      reply.error = error instanceof Error ? error.stack ?? error.message : String(error)
    }
    process.send!(reply)
  })
  process.on('disconnect', () => process.exit())
}

/** Milliseconds of a clock that all processes of a machine share. */
export function clock (): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}
