/** Runs test files, some at once, in as few processes as they allow. */
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { root } from '../run.mjs'
import { bundleTests } from './bundle.mjs'
import { keepTimes, longestFirst, ownProcess, tapSettings, testFiles } from './plan.mjs'
import { SharedProcess, runAlone } from './processes.mjs'

/**
 * @param {object} options
 * @param {string[]} options.files - none: all
 * @param {Array<() => Promise<void>>} options.before - other work, which begins first and takes its turn beside the files
 * @param {number} options.atOnce - how many of all that run at the same time
 * @param {(file: string, outcome: import('./processes.mjs').Outcome) => void} options.report
 */
export async function runTests ({ files: names, before, atOnce, report }) {
  const files = testFiles(names)
  const bundles = await bundleTests(files)
  const importsOf = (file) => bundles.get(file).imports
  const { timeout, nodeArgs } = tapSettings()
  const env = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, '.tap/compile-cache') }
  const times = {}

  const browser = files.some((file) => importsOf(file).has('playwright-core')) ? await (await import('./browser.mjs')).serveBrowser() : undefined
  if (browser) env.CHROMIUM_SERVER = browser.endpoint

  /** @returns {Promise<import('./processes.mjs').Outcome>} */
  const run = async (file, line) => {
    const { url, problem } = bundles.get(file)
    if (problem !== undefined) throw new Error(problem)
    const own = ownProcess(file)
    if (own?.fromSource) return runAlone(file, [...nodeArgs, '--import=@tapjs/mock/import', file], timeout, env)
    if (own) return runAlone(file, [fileURLToPath(url)], timeout, env)
    if (!line.process?.usable) {
      line.process?.end()
      line.process = new SharedProcess(env)
    }
    return await line.process.run(file, url, timeout)
  }
  const queue = [...before, ...longestFirst(files, importsOf).map((file) => async (line) => {
    const outcome = await run(file, line).catch((error) => ({ ok: false, counts: { fail: 1 }, ms: 0, output: [error.message] }))
    times[file] = Math.round(outcome.ms)
    report(file, outcome)
  })]
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, async () => {
      const line = { process: undefined }
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next(line)
      await line.process?.end()
    }))
  } finally {
    await browser?.end()
    keepTimes(times)
  }
}
