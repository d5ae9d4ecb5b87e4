/** T: how long an editor takes to complete the name of a request. */
import { Child } from '../children.ts'
import { figure } from '../report.ts'
import type { Options, Section } from '../bench.ts'
import type { TypesHost } from '../types/host.ts'

const requests = 200

export async function completion (options: Options): Promise<Section[]> {
  process.stderr.write('T: completion\n')
  const child = new Child<TypesHost>(new URL('../types/host.ts', import.meta.url))
  const { first, next, names } = await child.call('completion', { requests, edits: options.quick ? 3 : 15 }).finally(() => child.stop())
  return [{
    title: 'T: types',
    about: `TypeScript completes the name in \`send('\` for a contract of ${requests} requests, each with schemas for its data and its result: the first time, when it reads the whole program, and the median after one more character was typed, when it checks the file anew. ${names} names were offered.`,
    head: ['', 'ms'],
    rows: [['the first', figure(first)], ['the next', figure(next)]],
    facts: { 'T.next': names === requests ? next : NaN }
  }]
}
