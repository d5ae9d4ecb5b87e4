/** Runs seeds in threads, of the library as it is or with a bug planted. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import type { Mutation } from './mutations.ts'
import { newCounts } from './counts.ts'
import type { Counts } from './counts.ts'
import type { Message, Task } from './worker.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** One module for each build, which threads load without a loader. */
export class Farm {
  readonly #folder: string
  #builds = 0

  constructor () {
    // Below the root, so that packages are found. A folder of its own, so that two farms do not meet.
    mkdirSync(join(root, '.tap'), { recursive: true })
    this.#folder = mkdtempSync(join(root, '.tap/simulation-'))
  }

  /** Forgets what was built. */
  end (): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** @returns a module that runs seeds */
  async build (mutation?: Mutation): Promise<string> {
    const outfile = join(this.#folder, `${++this.#builds}.mjs`)
    await build({
      absWorkingDir: root,
      entryPoints: ['test/simulation/worker.ts'],
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node}`,
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      plugins: mutation === undefined ? [] : [planting(mutation)]
    })
    return outfile
  }

  /**
   * Plants bugs, each in a build of its own, and looks for each from seed 1 on.
   *
   * @param most - how many seeds each may take
   * @param threads - how many are looked for at once
   */
  async find (mutations: readonly Mutation[], most: number, threads: number, onFound: (mutation: Mutation, failed: Outcome['failed']) => void): Promise<void> {
    const rest = [...mutations]
    await Promise.all(Array.from({ length: threads }, async () => {
      for (let mutation = rest.shift(); mutation !== undefined; mutation = rest.shift()) {
        const { failed } = await this.run(await this.build(mutation), { from: 1, count: most, shrinks: false })
        onFound(mutation, failed)
      }
    }))
  }

  /** Runs seeds until one fails. */
  async run (module: string, { from, count, threads = 1, logs = false, shrinks = true, onProgress = () => {} }: RunOptions): Promise<Outcome> {
    const counts = newCounts()
    const outcome: Outcome = { seeds: 0, counts, failed: undefined, logs: new Map() }
    const workers = Array.from({ length: threads }, (_, i) => new Worker(module, {
      workerData: { from: from + i, count: Math.ceil((count - i) / threads), stride: threads, logs, shrinks } satisfies Task,
      execArgv: ['--enable-source-maps'],
      // what a run needs is gone with it
      resourceLimits: { maxYoungGenerationSizeMb: 64 }
    }))
    const take = (message: Message) => {
      if (message.kind === 'log') outcome.logs.set(message.seed, message)
      if (message.kind === 'failed' && (outcome.failed === undefined || message.seed < outcome.failed.seed)) outcome.failed = message
      if (message.kind !== 'progress') return
      outcome.seeds += message.seeds
      for (const key of Object.keys(counts) as Array<keyof Counts>) counts[key] += message.counts[key]
      onProgress(outcome)
    }
    await Promise.all(workers.map((worker) => new Promise<void>((resolve, reject) => {
      worker.on('message', (message: Message) => {
        take(message)
        if (message.kind === 'failed') for (const other of workers) if (other !== worker) void other.terminate()
      })
      worker.on('error', reject)
      worker.on('exit', () => resolve())
    })))
    return outcome
  }
}

export interface RunOptions {
  readonly from: number
  readonly count: number
  readonly threads?: number
  readonly logs?: boolean
  readonly shrinks?: boolean
  onProgress? (soFar: Outcome): void
}

export interface Outcome {
  seeds: number
  readonly counts: Counts
  failed: { readonly seed: number, readonly failure: string, readonly script: string } | undefined
  readonly logs: Map<number, { readonly digest: string, readonly lines: string[] }>
}

/** How often the text of a mutation stands in its file. */
export const occurrences = ({ file, text }: Mutation): number => readFileSync(join(root, file), 'utf8').split(text).length - 1

/** Changes a file of the library on its way into the build. */
function planting ({ file, text, replacement }: Mutation): Plugin {
  const path = join(root, file)
  return {
    name: 'planting',
    setup ({ onLoad }) {
      onLoad({ filter: /\.ts$/, namespace: 'file' }, (args) => args.path === path
        ? { contents: readFileSync(path, 'utf8').replace(text, () => replacement), loader: 'ts' }
        : undefined)
    }
  }
}
