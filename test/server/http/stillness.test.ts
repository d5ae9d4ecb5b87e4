import t from 'tap'
import { Stillness } from '../../../lib/server/http/stillness.ts'
import type { Look } from '../../../lib/server/http/file-watch.ts'

const look = (key: string, file: string | undefined = 'a', renamed = false): Look => ({ key, file, renamed })

/** Looks at a file twice a second; `keys` are what it looks like. @returns when it was finished, in ms */
function finishedAt (stillness: Stillness, looks: ReadonlyArray<Look>): number[] {
  const times: number[] = []
  for (const [index, seen] of looks.entries()) {
    if (!stillness.finished(seen, index * 500)) continue
    stillness.settle()
    times.push(index * 500)
  }
  return times
}

const repeat = (seen: Look, times: number): Look[] => Array.from({ length: times }, () => seen)

t.test('a file that does not change is not finished', async (t) => {
  t.same(finishedAt(new Stillness(look('1')), repeat(look('1'), 100)), [])
})

t.test('one that was written to is finished after 5 s without a change, once', async (t) => {
  t.same(finishedAt(new Stillness(look('1')), [look('1'), ...repeat(look('2'), 50)]), [5500])
})

t.test('lines written one by one count from the last one', async (t) => {
  const lines = Array.from({ length: 10 }, (_, i) => look(`line ${i}`))
  t.same(finishedAt(new Stillness(look('1')), [...lines.flatMap((line) => repeat(line, 2)), ...repeat(look('end'), 30)]), [15_000])
})

t.test('one that never rests counts after 30 s, and again', async (t) => {
  const restless = Array.from({ length: 130 }, (_, i) => look(`x${i}`))
  t.same(finishedAt(new Stillness(look('1')), restless), [30_000, 60_500])
})

t.test('one that is as it was before is not finished, and what comes then begins anew', async (t) => {
  const stillness = new Stillness(look('1'))
  t.same(finishedAt(stillness, [look('2'), ...repeat(look('1'), 70), ...repeat(look('3'), 30)]), [71 * 500 + 5000])
})

t.test('another file in its place is finished at once where its times say that it was renamed', async (t) => {
  t.same(finishedAt(new Stillness(look('1')), [look('1'), look('2', 'b', true), look('2', 'b', true)]), [500])
})

t.test('else after a second, since it may have been made there', async (t) => {
  t.same(finishedAt(new Stillness(look('1')), [look('1'), ...repeat(look('2', 'b'), 20)]), [1500])
})

t.test('one that was deleted, or that goes on changing, is one that is written to', async (t) => {
  const missing = look('ENOENT', undefined)
  t.same(finishedAt(new Stillness(look('1')), [missing, ...repeat(look('2', 'b', true), 20)]), [5500])
  t.same(finishedAt(new Stillness(look('1')), [look('2', 'b'), ...repeat(look('3', 'b', true), 20)]), [5500])
  t.same(finishedAt(new Stillness(look('1')), repeat(missing, 20)), [5000])
})

t.test('times may be others', async (t) => {
  const stillness = new Stillness(look('1'), { still: 1000, longest: 2000, replaced: 0 })
  t.same(finishedAt(stillness, repeat(look('2'), 5)), [1000])
})
