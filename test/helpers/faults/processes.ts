/** Processes that tests start, ask for things, and harm. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Test } from 'tap'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Compiles the scripts, once: a process that loads a compiler first takes twice as long to start. @returns their folder */
let compiled: Promise<string> | undefined
async function compile (): Promise<string> {
  // Below the root, so that packages are found, this one too: as it was built.
  mkdirSync(join(root, '.tap'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tap/faults-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await build({
    absWorkingDir: root,
    entryPoints: ['server', 'clients'].map((name) => `test/helpers/faults/${name}.ts`),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'silent'
  })
  return folder
}

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
    const args = ['--expose-gc', join(await (compiled ??= compile()), `${file}.mjs`)]
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

  get isAlive (): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  signal (signal: NodeJS.Signals): void {
    this.process.kill(signal)
  }

  /** Ends it the hard way. */
  async kill (): Promise<void> {
    if (!this.isAlive) return
    this.process.kill('SIGKILL')
    await once(this.process, 'exit')
  }
}
