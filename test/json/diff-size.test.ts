/** The patch sizes that docs/performance.md speaks of: bytes of JSON text and numbers of operations. */
import t from 'tap'
import { diffToPatch } from '../helpers/json/diff-to-patch.ts'
import type { JsonArray, JsonObject, JsonValue } from '../../types/json.ts'

const device = (i: number): JsonObject => ({
  temp: 20 + (i * 7919 % 1000) / 100, status: 'ok', ts: 1700000000000 + i * 37, tags: ['plant', `line-${i % 7}`, `rack-${i % 31}`, 'pump', `v${i % 5}`]
})
const rows: JsonArray = Array.from({ length: 1000 }, (_, i) => ({ id: i, ...device(i) }))
const numbers = (count: number, from = 0): JsonArray => Array.from({ length: count }, (_, i) => Math.round(Math.sin(from + i) * 10000) / 100)

const size = (name: string, before: JsonValue, after: JsonValue, operations: number, bytes: number): void => {
  t.test(name, async (t) => {
    for (const target of [after, structuredClone(after)]) {
      const patch = diffToPatch(before, target)
      t.ok(patch.length <= operations, `${patch.length} operations, at most ${operations}, ${target === after ? 'shared' : 'not shared'}`)
      const { length } = JSON.stringify(patch)
      t.ok(length <= bytes, `${length} bytes, at most ${bytes}`)
    }
  })
}

size('remove the head of 1,000', rows, rows.slice(1), 1, 40)
size('insert a head', rows, [{ id: -1 }, ...rows], 1, 100)
size('remove from the middle', rows, rows.toSpliced(500, 1), 1, 40)
size('remove here and there', rows, rows.filter((_, i) => i % 300 !== 7), 4, 150)
size('move one of 1,000', rows, rows.toSpliced(100, 1).toSpliced(900, 0, rows[100]!), 1, 60)
size('exchange two', rows, rows.with(10, rows[700]!).with(700, rows[10]!), 2, 100)
size('one leaf of one element', rows, rows.with(500, { ...rows[500] as JsonObject, temp: 99 }), 1, 60)
size('one leaf of one element, and the head removed', rows, rows.with(500, { ...rows[500] as JsonObject, temp: 99 }).slice(1), 2, 100)
size('sort', rows, rows.toSorted((a, b) => Number((a as JsonObject).temp) - Number((b as JsonObject).temp)), 999, 52_000)
size('append to a log of 10,000', numbers(10_000), [...numbers(10_000), 1.25], 1, 60)
size('remove one number at the head of 10,000', numbers(10_000), numbers(10_000).slice(1), 1, 40)
size('slide a window of 10,000 numbers', numbers(10_000), [...numbers(10_000).slice(1), 1.25], 2, 100)
size('slide it by 50', numbers(10_000), [...numbers(10_000).slice(50), ...numbers(50, 20_000)], 100, 4_000)
size('slide a short window of few different numbers by 40', numbers(600).map((n) => Math.round(Number(n) / 20)), [...numbers(600).slice(40), ...numbers(40, 999)].map((n) => Math.round(Number(n) / 20)), 80, 3_200)
size('1,000 numbers all changed: no larger than the value', numbers(1000), numbers(1000, 5000), 1, 7_000)

t.test('two leaves of every device stay leaves', async (t) => {
  const fleet = (change: number): JsonObject => Object.fromEntries(Array.from({ length: 1000 }, (_, i) => {
    const { temp, ts, ...rest } = device(i)
    return [`device-${i}`, { temp: Number(temp) + change, ts: Number(ts) + change, ...rest }]
  }))
  const patch = diffToPatch(fleet(0), fleet(1))
  t.equal(patch.length, 2000)
  t.ok(patch.every(({ op, path }) => op === 'replace' && /^\/device-\d+\/(?:temp|ts)$/.test(path)))
})

const processes = (pids: number[], tick: number): JsonArray => pids.map((pid) => ({ pid, name: `process ${pid}`, user: 'root', cpu: (pid * 31 + tick * 17) % 97, rss: 100000 + pid * tick }))
const pids = Array.from({ length: 60 }, (_, i) => 100 + i * 3)
size('every row of a table changes two leaves while one goes and one comes', processes(pids, 1), processes([...pids.slice(1), 999], 2), 122, 6_600)
