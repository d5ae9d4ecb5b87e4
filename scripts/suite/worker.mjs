/**
 * A process that runs one bundled test file after another, as its parent names them, each as a test of the root. What a
 * file does to its process would be met by those after it: the parent is told what a file has left behind.
 */
import { mock } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { t as root } from 'tap'

/** Where a bundle looks for the tap object of its file: see bundle.mjs. */
const testOfFile = Symbol.for('juggler.test-of-file')

// The limit is each file's, not that of all.
root.setTimeout(0)
// tap would name it after every word of the command line, and all that follows after it.
root.testdirName = '.tap/fixtures/t'

process.on('message', async ({ end, file, url, timeout }) => {
  if (end) return process.disconnect()
  // While a file runs, what is left of its work keeps the process alive, as it would alone; and nothing else does.
  process.channel.unref()
  const surroundings = lookAround()
  const resources = countResources()
  let test
  const start = performance.now()
  await root.test(file, { timeout, at: null }, async (t) => {
    test = t
    globalThis[testOfFile] = t
    await import(url)
  })
  const ms = performance.now() - start
  mock.timers.reset()
  mock.reset()
  const left = await leftovers(resources)
  const changed = !isDeepStrictEqual(lookAround(), surroundings)
  process.channel?.ref()
  process.send({ file, ok: test.results?.ok === true, counts: { ...test.counts }, ms, left, changed })
})

/** What a file can change for those after it. */
function lookAround () {
  const events = ['warning', 'unhandledRejection', 'uncaughtException']
  return [setTimeout, setInterval, setImmediate, Date, Math.random, process.cwd(), { ...process.env }, events.map((event) => process.listenerCount(event))]
}

/** What keeps this process alive, by kind, each with its number. */
function countResources () {
  const counts = new Map()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** Waits a little for what has been closed to be gone. @returns the kinds of what is there still, and was not before */
async function leftovers (before) {
  for (let tries = 0; ; tries++) {
    const more = [...countResources()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind)
    if (more.length === 0 || tries === 100) return more
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
