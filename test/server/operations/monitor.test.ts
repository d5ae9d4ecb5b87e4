import t from 'tap'
import { Monitor, newCost } from '../../../lib/server/operations/monitor.ts'
import type { Connection } from '../../../types/server.ts'

const connection = { remote: '192.0.2.1' } as Connection
const traffic = { duration: 5, messagesReceived: 1, messagesSent: 2, bytesReceived: 100, bytesSent: undefined }

t.test('counts add up, those of connections that have gone to those that are there', async (t) => {
  const monitor = new Monitor(() => {})
  monitor.opened(connection)
  monitor.opened(connection)
  monitor.closed(connection, { code: 1001, reason: '' }, traffic)
  monitor.closed(connection, { code: 1001, reason: '' }, traffic)
  monitor.refused()
  monitor.limit('maxPayload', connection)
  monitor.answered(20)
  const { connections, traffic: sum, limits, roundTrips } = monitor.read([traffic])
  t.same(connections, { opened: 2, closed: { 1001: 2 }, refused: 1 })
  t.same(sum, { messagesReceived: 3, messagesSent: 6, bytesReceived: 300, bytesSent: 0 })
  t.same(limits, { maxPayload: 1 })
  t.match(roundTrips, { count: 1, sum: 20 })
})

t.test('what a message has cost is counted once, whoever takes it down', async (t) => {
  const [one, other] = [new Monitor(() => {}), new Monitor(() => {})]
  const cost = newCost(3)
  const message = { byteLength: 500 }
  cost.encodeTime = 1
  for (let i = 0; i < 4; i++) one.delivered(message, cost)
  cost.encodeTime = 2
  other.delivered(message, cost)
  t.match(one.read([]).flushes, { messages: 1, deliveries: 4, diffTime: 3, encodeTime: 1, bytes: { count: 1, sum: 500 } })
  t.match(other.read([]).flushes, { messages: 0, deliveries: 1, diffTime: 0, encodeTime: 2, bytes: { count: 0 } })
})
