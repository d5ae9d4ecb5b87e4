/**
 * Diff and serialisation against fast-json-patch, workload by workload, as ratios: `node --import=tsx bench/micro/diff.ts [pattern]`.
 * Both run in turn, many times; what is printed are medians, since single runs on a busy machine say little.
 */
import fastJsonPatch from 'fast-json-patch'
import { diff } from '../../lib/json/diff.ts'
import type { JsonArray, JsonObject, JsonValue, PatchOperation } from '../../types/json.ts'

interface Workload { name: string, before: JsonValue, after: JsonValue, target: number, maxBytes?: number }

const statuses = ['ok', 'warning', 'alarm']
const device = (i: number): JsonObject => ({
  temp: 20 + (i * 7919 % 1000) / 100,
  status: statuses[i % 3]!,
  ts: 1700000000000 + i * 37,
  tags: ['plant', `line-${i % 7}`, `rack-${i % 31}`, 'pump', `v${i % 5}`]
})
const devices = (count: number): JsonObject => Object.fromEntries(Array.from({ length: count }, (_, i) => [`device-${i}`, device(i)]))
const rows = (count: number): JsonArray => Array.from({ length: count }, (_, i) => ({ id: i, ...device(i) }))
const numbers = (count: number, from = 0): JsonArray => Array.from({ length: count }, (_, i) => Math.round(Math.sin(from + i) * 10000) / 100)

/** The same devices, every `step`-th with a new temperature; untouched ones are shared. */
function warmed (state: JsonObject, step: number, more = false): JsonObject {
  return Object.fromEntries(Object.entries(state).map(([key, value], i) => {
    const old = value as JsonObject
    if (i % step !== 0) return [key, value]
    return [key, { ...old, temp: Number(old.temp) + 1, ...(more ? { ts: Number(old.ts) + 200 } : {}) }]
  }))
}
const spliced = (array: JsonArray, at: number, count: number, ...added: JsonValue[]): JsonArray => {
  const copy = array.slice()
  copy.splice(at, count, ...added)
  return copy
}
const nested = (depth: number, leaf: JsonValue): JsonValue => depth === 0 ? { leaf } : { name: `level ${depth}`, on: true, next: nested(depth - 1, leaf) }

function workloads (): Workload[] {
  const thousand = devices(1000)
  const list = rows(1000)
  const log = Array.from({ length: 10000 }, (_, i) => `line ${i}: something happened`) as JsonArray
  const window = numbers(10000)
  const sorted = list.slice().sort((a, b) => Number((a as JsonObject).temp) - Number((b as JsonObject).temp))
  const clone = structuredClone
  const removed = spliced(list, 0, 1)
  const changed = spliced(list, 500, 1, { ...list[500] as JsonObject, temp: 99 })
  return [
    { name: 'W1 50 leaves of 1,000 devices, shared (no journal)', before: thousand, after: warmed(thousand, 20), target: 1.2 },
    { name: 'W3 the same, nothing shared', before: thousand, after: clone(warmed(thousand, 20)), target: 1.2 },
    { name: '4a remove head of 1,000 objects', before: list, after: removed, target: 100, maxBytes: 100 },
    { name: '4a the same, nothing shared', before: list, after: clone(removed), target: 4 },
    { name: '4b insert head', before: list, after: [{ id: -1, name: 'new' }, ...list], target: 100, maxBytes: 100 },
    { name: '4c move one', before: list, after: spliced(spliced(list, 100, 1), 900, 0, list[100]!), target: 8 },
    { name: '4d one leaf of one element', before: list, after: changed, target: 8 },
    { name: '4d the same, nothing shared', before: list, after: clone(changed), target: 1 },
    { name: '4e sort', before: list, after: sorted, target: 0.5 },
    { name: '5a append to a log of 10,000', before: log, after: [...log, 'one more'], target: 8 },
    { name: '5b slide a window of 10,000 numbers', before: window, after: [...window.slice(1), 1.25], target: 3 },
    { name: '5b slide it by 50', before: window, after: [...window.slice(50), ...numbers(50, 20000)], target: 3 },
    { name: 'W6 one leaf at depth 50', before: nested(50, 1), after: nested(50, 2), target: 1.2 },
    { name: 'W8 one text of 100 KB', before: { text: 'a'.repeat(100000) }, after: { text: 'b'.repeat(100000) }, target: 0.9 },
    { name: 'W10 1,000 numbers all changed', before: numbers(1000), after: numbers(1000, 5000), target: 0.9 },
    { name: 'W11 two leaves of every device', before: thousand, after: warmed(thousand, 1, true), target: 0.9 },
    { name: 'W11 the same, nothing shared', before: thousand, after: clone(warmed(thousand, 1, true)), target: 0.9 },
    { name: 'all rows change, one goes at the head', before: list, after: spliced(list, 0, 1).map((row) => ({ ...row as JsonObject, ts: 5 })), target: 1 },
    { name: '50 rows change, nothing shared', before: list, after: clone(list.map((row, i) => i % 20 === 3 ? { ...row as JsonObject, temp: 99 } : row)), target: 0.5 },
    { name: 'W11 two leaves of every row of an array', before: list, after: list.map((row) => ({ ...row as JsonObject, temp: Number((row as JsonObject).temp) + 1, ts: 5 })), target: 0.9 }
  ]
}

function ours (before: JsonValue, after: JsonValue): { text: string, operations: number } {
  const out: PatchOperation[] = []
  diff(before, after, '', out)
  return { text: JSON.stringify(out), operations: out.length }
}

/** Bare roots go wrong there, so both are wrapped. */
function theirs (before: JsonValue, after: JsonValue): { text: string, operations: number } {
  const patch = fastJsonPatch.compare({ r: before }, { r: after })
  return { text: JSON.stringify(patch), operations: patch.length }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!

/** Microseconds a call of each, in turns of some milliseconds. */
function measure ({ before, after }: Workload): [number, number] {
  const differs = [ours, theirs]
  const calls = differs.map((differ) => {
    const start = performance.now()
    let count = 0
    while (performance.now() - start < 20 || count < 3) {
      differ(before, after)
      count++
    }
    return Math.max(1, Math.round(count / 8))
  })
  const times: number[][] = [[], []]
  for (let round = 0; round < 31; round++) {
    for (let turn = 0; turn < 2; turn++) {
      const which = (round + turn) % 2
      const start = performance.now()
      for (let i = 0; i < calls[which]!; i++) differs[which]!(before, after)
      times[which]!.push((performance.now() - start) * 1000 / calls[which]!)
    }
  }
  return [median(times[0]!), median(times[1]!)]
}

const pattern = process.argv[2] ?? ''
console.log('| workload | µs | fjp µs | ratio | target | bytes | operations | fjp bytes |\n|---|---|---|---|---|---|---|---|')
for (const workload of workloads()) {
  if (!workload.name.includes(pattern)) continue
  const [mine, other] = measure(workload)
  const { text, operations } = ours(workload.before, workload.after)
  const ratio = other / mine
  const met = ratio >= workload.target && text.length <= (workload.maxBytes ?? Infinity)
  console.log(`| ${[workload.name, mine.toFixed(1), other.toFixed(1), ratio.toFixed(ratio < 10 ? 2 : 0), `${workload.target}${met ? '' : ' MISSED'}`,
    text.length, operations, theirs(workload.before, workload.after).text.length].join(' | ')} |`)
}
