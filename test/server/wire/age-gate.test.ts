import { mock } from 'node:test'
import t from 'tap'
import { AgeGate, newProbe, probePayload } from '../../../lib/server/wire/age-gate.ts'
import { HeldSocket } from '../../helpers/server/held-socket.ts'

// own process: it stops the clock

/** A gate whose clock is the test's. */
class Gate extends AgeGate {
  openings = 0
  isUnanswered = false
  opened () { this.openings++ }
  grew () {}
  unanswered () { this.isUnanswered = true }
  roundTrips: number[] = []
  roundTrip (ms: number) { this.roundTrips.push(ms) }
  get late () { return this.isLate }
  due (bytes: number) { return this.isProbeDue(bytes) }
  send (bytes: number) { this.write(Buffer.alloc(bytes), 1) }
  beat () { this.beaten() }
  ask () {
    const number = newProbe()
    this.probed(number)
    return probePayload(number)
  }
}

let clock = 0
mock.method(performance, 'now', () => clock)
const pass = (ms: number) => { clock += ms }

function setUp (patience = 30_000) {
  const gate = new Gate(new HeldSocket(true), 1 << 20, patience)
  gate.send(1)
  return gate
}

t.test('a probe is due after some time, or behind 32 kB, and only while none is out', async (t) => {
  const gates = Array.from({ length: 100 }, () => setUp())
  const [gate] = gates as [Gate]
  t.equal(gate.due(100), false)
  t.equal(gate.due(32 * 1024), true, 'by its size')
  pass(999)
  t.notOk(gates.some((each) => each.due(1)))
  pass(501)
  const early = gates.filter((each) => each.due(1)).length
  t.ok(early > 20 && early < 80, `${early} of 100 after 1.5 s`)
  pass(500)
  t.ok(gates.every((each) => each.due(1)), 'all after 2 s')
  const first = gate.ask()
  t.equal(gate.due(1 << 20), false, 'one is out')
  pass(101)
  gate.answered(first)
  pass(898)
  t.equal(gate.due(1), false)
  pass(1)
  t.equal(gate.due(1), true, 'a second after one whose answer was slow')
  const second = gate.ask()
  pass(100)
  gate.answered(second)
  pass(2899)
  t.equal(gate.due(1), false)
  pass(1)
  t.equal(gate.due(1), true, 'three after one whose answer was quick')
  const fresh = new Gate(new HeldSocket(true), 1 << 20, 30_000)
  t.equal(fresh.due(1 << 20), false, 'the first message of a connection has none')
})

t.test('state waits while a probe is out for 500 ms, or for 20 ms with 32 kB on their way', async (t) => {
  const gate = setUp()
  const payload = gate.ask()
  pass(500)
  t.equal(gate.late, false)
  gate.send(32 * 1024)
  t.equal(gate.late, true, 'much is on its way')
  gate.answered('p0')
  gate.answered('')
  gate.answered('anything')
  t.equal(gate.openings, 0, 'that was no answer')
  gate.answered(payload)
  t.equal(gate.openings, 1)
  t.equal(gate.late, false)
  const small = setUp()
  small.ask()
  small.send(1000)
  pass(500)
  t.equal(small.late, false)
  pass(1)
  t.equal(small.late, true)
})

t.test('a newer probe stands for the older one, whose time goes on', async (t) => {
  const gate = setUp()
  const first = gate.ask()
  pass(400)
  const second = gate.ask()
  pass(101)
  t.equal(gate.late, true)
  gate.answered(first)
  t.equal(gate.openings, 0, 'what came behind it is still on its way')
  gate.answered(second)
  t.equal(gate.openings, 1)
})

t.test('a bare ping behind a probe may be answered alone', async (t) => {
  const gate = setUp()
  gate.ask()
  pass(501)
  t.equal(gate.late, true)
  gate.beat()
  gate.answered('')
  t.equal(gate.openings, 1)
})

t.test('who has never answered is asked no more after a while; who has is waited for', async (t) => {
  const never = setUp(2000)
  never.ask()
  pass(1000)
  t.equal(never.late, true)
  never.heard()
  t.equal(never.openings, 0)
  pass(1001)
  never.heard()
  t.equal(never.openings, 1)
  t.equal(never.isUnanswered, true)
  pass(5000)
  t.same([never.due(1 << 20), never.late], [false, false])

  const once = setUp(2000)
  once.answered(once.ask())
  once.ask()
  pass(10_000)
  t.same([once.late, once.isUnanswered], [true, false])
})

t.test('nothing is asked where pings are off, nor while nothing is read', async (t) => {
  const off = setUp(0)
  off.ask()
  pass(10_000)
  t.same([off.due(1 << 20), off.late], [false, false])

  const gate = setUp()
  const payload = gate.ask()
  pass(501)
  t.equal(gate.late, true)
  gate.reads(false)
  t.equal(gate.openings, 1)
  gate.ask()
  pass(10_000)
  t.same([gate.due(1 << 20), gate.late], [false, false])
  gate.reads(true)
  gate.answered(payload)
  t.equal(gate.due(32 * 1024), true)
})
