/** Prometheus: metrics that are read from `stats()` at each scrape, with prom-client. */
import type { Histogram, Juggler } from 'fastify-juggler'
import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

export function registerJuggler (registry: Registry, juggler: Juggler): void {
  const registers = [registry]
  const counter = <L extends string = never>(name: string, help: string, ...labelNames: L[]) => new Counter({ name, help, labelNames, registers })
  const gauge = <L extends string = never>(name: string, help: string, ...labelNames: L[]) => new Gauge({ name, help, labelNames, registers })

  // The metric that was registered first is asked first, and sets the others as well: one look for a scrape.
  void new Gauge({
    name: 'juggler_connections',
    help: 'Connections, by state',
    labelNames: ['state'],
    registers,
    collect () {
      const stats = juggler.stats()
      this.set({ state: 'open' }, stats.connections.open)
      this.set({ state: 'closing' }, stats.connections.closing)
      replace(opened, [[{}, stats.connections.opened]])
      replace(closed, Object.entries(stats.connections.closed).map(([code, count]) => [{ code }, count]))
      replace(sent, [[{}, stats.traffic.bytesSent]])
      replace(received, [[{}, stats.traffic.bytesReceived]])
      replace(messages, [[{}, stats.flushes.messages]])
      replace(deliveries, [[{}, stats.flushes.deliveries]])
      replace(diff, [[{}, stats.flushes.diffTime / 1000]])
      replace(encode, [[{}, stats.flushes.encodeTime / 1000]])
      replace(limits, Object.entries(stats.limits).map(([limit, count]) => [{ limit }, count]))
      behind.set(stats.behind.connections)
      age.set(stats.behind.age / 1000)
      buffered.set({ direction: 'input' }, stats.buffered.input)
      buffered.set({ direction: 'output' }, stats.buffered.output)
      running.set(stats.running)
      commands.set(stats.commands)
      for (const [handler, results] of Object.entries(stats.requests)) {
        for (const [result, durations] of Object.entries(results)) requests({ handler, result }, durations)
      }
      roundTrips({}, stats.roundTrips)
    }
  })

  const opened = counter('juggler_connections_opened_total', 'Connections that came')
  const closed = counter('juggler_connections_closed_total', 'Connections that ended, by close code', 'code')
  const sent = counter('juggler_sent_bytes_total', 'Bytes sent')
  const received = counter('juggler_received_bytes_total', 'Bytes received')
  const messages = counter('juggler_state_messages_total', 'Messages of states that were made')
  const deliveries = counter('juggler_state_deliveries_total', 'How often one was handed to a connection')
  const diff = counter('juggler_state_diff_seconds_total', 'Time that differences took')
  const encode = counter('juggler_state_encode_seconds_total', 'Time that frames took')
  const limits = counter('juggler_limits_total', 'How often something ran into a limit', 'limit')
  const behind = gauge('juggler_connections_behind', 'Connections that do not take the state as fast as it changes')
  const age = gauge('juggler_age_seconds', 'How long ago the one furthest behind has read what it was sent')
  const buffered = gauge('juggler_buffered_bytes', 'Bytes that are kept for connections', 'direction')
  const running = gauge('juggler_handlers_running', 'Handlers that have not come to their end')
  const commands = gauge('juggler_commands', 'Commands that are remembered')
  const requests = histogram('juggler_request_duration_seconds', 'Requests by handler and how they ended', 'handler', 'result')
  const roundTrips = histogram('juggler_ping_round_trip_seconds', 'From a ping to its answer')

  /** A histogram as three counters: prom-client has no way to give a `Histogram` what was counted elsewhere. */
  function histogram<L extends string = never> (name: string, help: string, ...labelNames: L[]) {
    const buckets = counter<L | 'le'>(`${name}_bucket`, help, ...labelNames, 'le')
    const sums = counter(`${name}_sum`, help, ...labelNames)
    const counts = counter(`${name}_count`, help, ...labelNames)
    return (labels: Record<L, string>, { sum, count, buckets: read }: Histogram): void => {
      replace(sums, [[labels, sum / 1000]])
      replace(counts, [[labels, count]])
      replace(buckets, [...read.map(({ le, count }): Sample => [{ ...labels, le: `${le / 1000}` }, count]), [{ ...labels, le: '+Inf' }, count]])
    }
  }
}

type Sample = [labels: Record<string, string>, value: number]

/** Sets samples of a counter to what was counted elsewhere. */
function replace (counter: Counter, samples: Sample[]): void {
  for (const [labels, value] of samples) {
    counter.remove(labels)
    counter.inc(labels, value)
  }
}
