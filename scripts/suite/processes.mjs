/**
 * The processes that test files run in: shared ones, which take file after file, and a process for one file alone. A
 * file that hangs or crashes ends its own process; what it had printed says where it was.
 */
import { fork, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { root } from '../run.mjs'

/** How long a process may go on after tap should have ended it. */
const grace = 10_000

/**
 * @typedef {object} Outcome
 * @property {boolean} ok
 * @property {{ pass?: number, fail?: number, skip?: number, todo?: number }} counts - of assertions
 * @property {number} ms
 * @property {string[]} output - what there is to read where it failed
 */

/** Collects what a child prints, line by line. */
function collect (child) {
  const lines = []
  let rest = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop()
    lines.push(...parts)
  })
  child.stdout.on('end', () => { if (rest) lines.push(rest) })
  return lines
}

/** Resolves when a child has ended and its output has been read. */
function ended (child) {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(signal ?? `code ${code}`))
  })
}

/** Kills a child that takes longer. @returns what keeps it from that */
function endLater (child, patience) {
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  return () => clearTimeout(timer)
}

/** A process that runs bundled files one after another. */
export class SharedProcess {
  /** Whether it takes another file. */
  usable = true
  #child
  #ended
  #lines
  #done = () => {}

  constructor (env) {
    this.#child = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
      cwd: root,
      env: { ...process.env, ...env },
      execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc']
    })
    this.#lines = collect(this.#child)
    this.#ended = ended(this.#child)
    this.#ended.then(() => { this.usable = false })
    // tap sends messages as well, of its own kind.
    this.#child.on('message', (message) => { if (message.file !== undefined) this.#done(message) })
  }

  /** @returns {Promise<Outcome>} */
  async run (file, url, timeout) {
    const start = performance.now()
    this.#lines.length = 0
    const finished = new Promise((resolve) => { this.#done = resolve })
    this.#child.send({ file, url, timeout }, () => {})
    const stop = endLater(this.#child, timeout + grace)
    const result = await Promise.race([finished, this.#ended])
    stop()
    // What a file has changed in the process is not to be met by another.
    this.usable = result.ok === true && !result.changed && result.left.length === 0
    if (result.ok && result.left.length === 0) return { ...result, output: [] }
    const time = () => performance.now() - start
    if (typeof result === 'string') {
      return { ok: false, counts: { fail: 1 }, ms: time(), output: [...this.#block(file), `${file}: its process ended before it did (${result})`] }
    }
    if (result.ok) {
      // The end of the file is not held up, but its process ends by itself, or the file fails.
      const verdict = await this.#leave(timeout - time())
      if (verdict === 'code 0') return { ...result, output: [] }
      const output = [...this.#block(file), `${file}: it kept its process alive (${result.left.join(', ')}), which ended with ${verdict}`]
      return { ...result, ok: false, counts: { ...result.counts, fail: 1 }, output }
    }
    await this.#leave(0)
    return { ...result, output: this.#block(file) }
  }

  /** Lets the process end, as it does when nothing is left to do. */
  async end () {
    this.usable = false
    await this.#leave(grace)
  }

  async #leave (patience) {
    // The child disconnects: if this side did, Node would never tell that the child has closed.
    if (this.#child.connected) this.#child.send({ end: true }, () => {})
    const stop = endLater(this.#child, Math.max(patience, 2000))
    const verdict = await this.#ended
    stop()
    return verdict
  }

  /** What the process has printed of a file. */
  #block (file) {
    const start = this.#lines.lastIndexOf(`# Subtest: ${file}`)
    return this.#lines.slice(Math.max(start, 0))
  }
}

/**
 * Runs one file as plain tap does: the process is its own.
 *
 * @param {string[]} args - of Node, the file last
 * @returns {Promise<Outcome>}
 */
export async function runAlone (file, args, timeout, env) {
  const start = performance.now()
  const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
    cwd: root,
    env: { ...process.env, ...env, TAP_TIMEOUT: String(timeout / 1000) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const lines = collect(child)
  const stop = endLater(child, timeout + grace)
  const end = await ended(child)
  stop()
  const sum = lines.findLast((line) => /^# \{ total: .* \}$/.test(line))
  const counts = sum === undefined ? {} : Object.fromEntries([...sum.matchAll(/(\w+): (\d+)/g)].map(([, key, n]) => [key, Number(n)]))
  const ms = performance.now() - start
  if (end === 'code 0' && sum !== undefined) return { ok: true, counts, ms, output: [] }
  if (!counts.fail) counts.fail = 1
  return { ok: false, counts, ms, output: [...lines, `${file}: its process ended with ${end}`] }
}
