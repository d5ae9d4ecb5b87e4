import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { shortestEdits } from '../../../lib/json/arrays/shortest-edits.ts'
import { check } from '../../helpers/json/properties.ts'

const common = (before: unknown[], after: unknown[]): number => {
  let row = new Array<number>(after.length + 1).fill(0)
  for (const left of before) {
    const next = [0]
    for (let j = 0; j < after.length; j++) next.push(left === after[j] ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!))
    row = next
  }
  return row[after.length]!
}

t.test('finds a longest common subsequence', async (t) => {
  const few = fc.array(fc.nat(3), { maxLength: 15, size: 'max' })
  check(t, 3_000, fc.property(few, few, (before, after) => {
    const origins = shortestEdits(before, after, 0, before.length, after.length, true)!
    const kept = [...origins].filter((origin) => origin >= 0)
    return origins.every((origin, j) => origin === -1 || before[origin] === after[j]) &&
      kept.every((origin, i) => i === 0 || origin > kept[i - 1]!) &&
      kept.length === common(before, after)
  }))
})

t.test('looks at the given part only', async (t) => {
  t.same([...shortestEdits(['x', 1, 2, 3, 'y'], ['x', 2, 3, 4, 'y'], 1, 3, 3, true)!], [1, 2, -1])
})

t.test('finds a shift of elements that occur many times', async (t) => {
  const before = Array.from({ length: 10_000 }, (_, i) => i * i % 11)
  const origins = shortestEdits(before, [...before.slice(20), 99], 0, before.length, before.length - 19, false)!
  t.equal(origins.filter((origin) => origin === -1).length, 1)
})

t.test('gives up where little is in common', async (t) => {
  const numbers = (from: number) => Array.from({ length: 2000 }, (_, i) => from + i)
  t.equal(shortestEdits(numbers(0), numbers(5000), 0, 2000, 2000, false), undefined)
  t.equal(shortestEdits(numbers(0), numbers(5000), 0, 2000, 2000, true), undefined)
  t.equal(shortestEdits(numbers(0), [], 0, 2000, 0, true), undefined)
})
