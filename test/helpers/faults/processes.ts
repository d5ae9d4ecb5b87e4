/** Processes that tests start, ask for things, and harm. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const root = fileURLToPath(new URL('../../..', import.meta.url))

interface Reply { id: number, value?: unknown, error?: { code?: string, message: string, data?: unknown } }

/** What a child answered with an error. */
export class ChildError extends Error {
  readonly code: string | undefined
  readonly data: unknown
  constructor ({ code, message, data }: { code?: string, message: string, data?: unknown }) {
    super(message)
    this.code = code
    this.data = data
  }
}

export class Child {
  readonly process: ChildProcess
  #lastId = 0
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void, reject: (error: Error) => void }>()

  private constructor (child: ChildProcess) {
    this.process = child
    child.on('message', ({ id, value, error }: Reply) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(value)
      else waiting?.reject(new ChildError(error))
    })
    child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the process has ended with ${signal ?? code}`))
      this.#waiting.clear()
    })
  }

  /**
   * Starts one; it ends with the test.
   *
   * @param file - a script of this folder
   * @param namespace - of the network that it lives in
   */
  static async start (t: Test, file: 'server' | 'clients', namespace?: string): Promise<Child> {
    const args = ['--expose-gc', '--import=tsx', `test/helpers/faults/${file}.ts`]
    const [command, prefix] = namespace === undefined ? [process.execPath, []] : ['ip', ['netns', 'exec', namespace, process.execPath]]
    const child = new Child(spawn(command, [...prefix, ...args], {
      cwd: root, env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    }))
    t.teardown(() => child.kill())
    await new Promise((resolve, reject) => { child.#waiting.set(0, { resolve, reject }) })
    return child
  }

  /** @throws ChildError what it answered */
  ask<T = void> (name: string, ...args: unknown[]): Promise<T> {
    const id = ++this.#lastId
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.process.send({ id, name, args }, (error) => { if (error !== null) reject(error) })
    }) as Promise<T>
  }

  signal (signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  /** Ends it the hard way. */
  async kill (): Promise<void> {
    const { process: child } = this
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
