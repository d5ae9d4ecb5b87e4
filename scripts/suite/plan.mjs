/** Which tests there are, what each needs for a process, and which begin first. */
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { root } from '../run.mjs'

/** How long each file took when it last ran here. */
const timesFile = join(root, '.tap/suite-times.json')

/** What a file takes that has not run here yet, by what it imports: of the first line that fits. */
const guesses = [
  ['playwright-core', 20_000],
  ['node:child_process', 15_000],
  ['fast-check', 5000],
  ['fastify', 1000],
  ['', 100]
]

/**
 * The test files that the arguments name, as paths from the root; without arguments all but those of the matrix, which
 * install other projects and so take longer.
 *
 * @throws {Error} of an argument that is no test
 */
export function testFiles (names) {
  const files = (names.length === 0 ? ['test'] : names).flatMap((name) => {
    const path = resolve(root, name)
    if (!existsSync(path)) throw new Error(`${name} is not there`)
    if (!statSync(path).isDirectory()) return [path]
    const found = readdirSync(path, { recursive: true }).filter((file) => file.endsWith('.test.ts')).map((file) => join(path, file))
    if (found.length === 0) throw new Error(`${name} has no tests`)
    return found
  })
  const paths = [...new Set(files.map((file) => relative(root, file).replaceAll(sep, '/')))].sort()
  return names.length === 0 ? paths.filter((path) => !path.startsWith('test/matrix/')) : paths
}

/**
 * What a test file says of its process, in a comment of its own line: `// own process: why`, where it measures or
 * changes the whole process, or `// own process, from source: why`, where it loads sources by their path at run time.
 */
export function ownProcess (file) {
  const found = /^\/\/ own process(, from source)?: ./m.exec(readFileSync(join(root, file), 'utf8'))
  return found === null ? undefined : { fromSource: found[1] !== undefined }
}

/** Sorts files, the longest first: one that began last would be waited for alone. */
export function longestFirst (files, importsOf) {
  const times = readTimes()
  const time = (file) => times[file] ?? guesses.find(([name]) => name === '' || importsOf(file).has(name))[1]
  return files.map((file) => [time(file), file]).sort(([a], [b]) => b - a).map(([, file]) => file)
}

function readTimes () {
  try {
    return JSON.parse(readFileSync(timesFile, 'utf8'))
  } catch {
    return {} // none yet
  }
}

/** Keeps the times for the next run, beside those of files that did not run. */
export function keepTimes (times) {
  mkdirSync(join(root, '.tap'), { recursive: true })
  writeFileSync(timesFile, JSON.stringify({ ...readTimes(), ...times }, null, 2))
}

/** What .taprc has for a process of tap: the arguments of Node, and how long a file may take in milliseconds. */
export function tapSettings () {
  const text = readFileSync(join(root, '.taprc'), 'utf8')
  const list = /^node-arg:\n((?: +- .*\n)*)/m.exec(text)?.[1] ?? ''
  return {
    nodeArgs: [...list.matchAll(/^ +- (.*)$/gm)].map(([, arg]) => arg),
    timeout: Number(/^timeout: (\d+)$/m.exec(text)?.[1] ?? 30) * 1000
  }
}
