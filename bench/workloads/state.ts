/** D: changes, their diff and its text, in one process, against the libraries. C: patches applied by the client's store. */
import { Child } from '../children.ts'
import { median, figure, ratio } from '../report.ts'
import type { Options, Section } from '../bench.ts'
import type { StateHost, Timing } from '../state/host.ts'

const host = new URL('../state/host.ts', import.meta.url)
const differs: Record<string, string> = {
  copyOnce: 'fast-json-patch, map copied once a tick',
  spreadEach: 'fast-json-patch, map spread on each set',
  immer: 'immer',
  mutative: 'mutative',
  jugglerDraft: '**fastify-juggler**, through `update`',
  juggler: '**fastify-juggler**'
}
const appliers: Record<string, string> = {
  fastJsonPatchInPlace: 'fast-json-patch, in place (nothing watched)',
  fastJsonPatchCopy: 'fast-json-patch, into a copy',
  hatOpen: '@hat-open/util (the stock clients)',
  jugglerWhole: '**fastify-juggler**, a snapshot of the whole after each patch',
  juggler: '**fastify-juggler**, 100 devices watched'
}

/** Times every contender in processes of their own, in turn, and takes medians. */
async function inTurn (
  what: string, contenders: string[], columns: number, repetitions: number, measure: (child: Child<StateHost>, contender: string, column: number) => Promise<Timing | undefined>
): Promise<Map<string, Array<Timing | undefined>>> {
  const all = new Map<string, Timing[][]>(contenders.map((contender) => [contender, Array.from({ length: columns }, () => [])]))
  for (let i = 1; i <= repetitions; i++) {
    for (const contender of contenders) {
      process.stderr.write(`${what}: ${contender} (${i} of ${repetitions})\n`)
      const child = new Child<StateHost>(host)
      try {
        for (let column = 0; column < columns; column++) {
          const timing = await measure(child, contender, column)
          if (timing !== undefined) all.get(contender)![column]!.push(timing)
        }
      } finally {
        await child.stop()
      }
    }
  }
  return new Map([...all].map(([contender, cells]) => [contender, cells.map((timings) => timings.length === 0
    ? undefined
    : {
        micros: median(timings.map(({ micros }) => micros)),
        bytes: timings[0]!.bytes,
        right: Math.min(...timings.map(({ right }) => right))
      })]))
}

/** One cell: how many times as fast as the base, and the time; patches that do not give the state are no result. */
const speed = (timing: Timing | undefined, base: Timing | undefined): string => {
  if (timing === undefined) return '–'
  if (timing.right === 0) return 'wrong'
  return `${base === undefined ? '' : `${ratio(base.micros, timing.micros)}× `}(${figure(timing.micros)} µs)`
}

export async function diff (options: Options): Promise<Section[]> {
  const sizes = options.quick ? [1000, 10_000] : [1000, 10_000, 100_000]
  const cases: Array<[string, number]> = [
    ...sizes.map((size): [string, number] => ['set', size]),
    ...sizes.map((size): [string, number] => ['renew', size]),
    ['remove head', 1000], ['insert head', 1000], ['move one', 1000], ['sort', 1000], ['slide window', 10_000]
  ]
  const results = await inTurn('D', Object.keys(differs), cases.length, options.quick ? 1 : 3, async (child, contender, column) =>
    await child.call('diff', contender, ...cases[column]!, options.quick ? 50 : 150))
  const base = results.get('copyOnce')!
  const ours = results.get('juggler')!
  const rows = (from: number, to: number): string[][] => [...results]
    .filter(([, timings]) => timings.slice(from, to).some((timing) => timing !== undefined))
    .map(([contender, timings]) => [differs[contender]!, ...timings.slice(from, to).map((timing, i) => speed(timing, base[from + i]))])
  const bytes = (from: number): string[][] => ['copyOnce', 'mutative', 'juggler'].map((contender) =>
    [`${differs[contender]!}: bytes`, ...results.get(contender)!.slice(from).map((timing) => figure(timing?.bytes ?? NaN))])
  const lists = 2 * sizes.length
  const deviceColumns = sizes.map((size) => `${size.toLocaleString('en-US')} devices`)
  const facts: Record<string, number> = options.quick ? {} : { 'D.flat': ours[2]!.micros / ours[0]!.micros }
  cases.forEach(([name, size], i) => { facts[`D.${name}.${size}`] = base[i]!.micros / ours[i]!.micros })
  return [{
    title: 'D: set, diff, serialise',
    about: 'A tick of 50 leaves: the sets, the diff, and its text. How many times as fast as `fast-json-patch` with the map copied once a tick; higher is better.',
    head: ['', ...deviceColumns],
    rows: rows(0, sizes.length),
    facts
  }, {
    title: 'D: a tree that shares nothing',
    about: 'The same 50 leaves, but the whole state is set anew from a tree that shares no object with the last.',
    head: ['', ...deviceColumns],
    rows: rows(sizes.length, lists),
    facts: {}
  }, {
    title: 'D: arrays',
    about: 'An array of 1,000 objects (the sliding window: 10,000) is edited, diffed and serialised. immer gives no JSON Patch for arrays.',
    head: ['', ...cases.slice(lists).map(([name]) => name)],
    rows: [...rows(lists, cases.length), ...bytes(lists)],
    facts: { 'D.head.bytes': Math.max(ours[lists]!.bytes, ours[lists + 1]!.bytes) }
  }]
}

export async function apply (options: Options): Promise<Section[]> {
  const sizes = [1000, options.quick ? 10_000 : 100_000]
  const results = await inTurn('C', Object.keys(appliers), sizes.length, options.quick ? 1 : 3, async (child, contender, column) =>
    await child.call('apply', contender, sizes[column]!, options.quick ? 50 : 300))
  return [{
    title: 'C: patches in the client',
    about: 'A patch of 50 leaves applied to the state of a client.',
    head: ['', ...sizes.map((size) => `${size.toLocaleString('en-US')} devices`), 'growth'],
    rows: [...results].map(([contender, timings]) => [
      appliers[contender]!,
      ...timings.map((timing) => speed(timing, undefined)),
      ratio(timings[1]!.micros, timings[0]!.micros)
    ]),
    facts: options.quick ? {} : { 'C.flat': results.get('juggler')![1]!.micros / results.get('juggler')![0]!.micros }
  }]
}
