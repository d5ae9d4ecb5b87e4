import { mock } from 'node:test'
import t from 'tap'
import { Floods } from '../../../lib/server/operations/floods.ts'

// own process: it stops the clock

t.test('so many lines are written in ten seconds, and one that says how many were not', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const told: unknown[] = []
  const floods = new Floods((details, message) => told.push([details, message]))
  const pass = (times: number): number => Array.from({ length: times }, () => floods.passes('connection closed')).filter(Boolean).length
  t.equal(pass(99), 99)
  t.ok(floods.passes('connection opened'), 'each kind by itself')
  mock.timers.tick(10_000)
  t.same(told, [], 'nothing was left out')
  t.equal(pass(250), 100)
  mock.timers.tick(9_999)
  t.same(told, [])
  mock.timers.tick(1)
  t.match(told.splice(0), [[{ line: 'connection closed', leftOut: 150 }, /^150 lines 'connection closed' were left out/]])
  t.equal(pass(101), 100, 'the next ten seconds')
  floods.end()
  t.match(told.splice(0), [[{ leftOut: 1 }, String]])
  mock.timers.tick(20_000)
  t.same(told, [])
})
