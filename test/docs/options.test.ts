/** docs/options.md and types/options.ts name the same options, with the defaults that hold. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { defaultOptions } from '../../lib/index.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** Option to what its row says about the default; members of `limits` with their whole name. */
const rows = [...read('docs/options.md').matchAll(/^\| `([\w.]+)` \| ([^|]+) \| .{20}/gm)]
const documented = new Map(rows.map((row) => [row[1]!, row[2]!.trim()]))
const declared = (path: string): string[] => [...read(path).matchAll(/^ {2}(\w+)\?: /gm)].map((match) => match[1]!)

t.test('every option is documented, and no other', async (t) => {
  const limits = declared('types/limits.ts').map((name) => `limits.${name}`)
  t.same([...documented.keys()].sort(), [...declared('types/options.ts'), ...declared('types/listen.ts'), ...limits].sort())
})

t.test('with its default', async (t) => {
  const { limits, ...options } = defaultOptions
  const named = Object.entries(limits).map(([name, value]): [string, unknown] => [`limits.${name}`, value])
  for (const [name, value] of [...Object.entries(options), ...named]) {
    const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
    t.match(documented.get(name), new RegExp(`^\`${text.replace(/[[\]{}]/g, '\\$&')}\``), name)
  }
})
