/** OpenTelemetry: metrics from `stats()`, and a span for each request, in which the spans of its handler are children. */
import { subscribe } from 'node:diagnostics_channel'
import type { Juggler, RequestTrace } from 'fastify-juggler'
import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/api'
import type { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

/** Call it once for each registration. */
export function observeJuggler (juggler: Juggler): void {
  const meter = metrics.getMeter('fastify-juggler')
  const connections = meter.createObservableUpDownCounter('juggler.connections')
  const closed = meter.createObservableCounter('juggler.connections.closed')
  const behind = meter.createObservableUpDownCounter('juggler.connections.behind')
  const buffered = meter.createObservableUpDownCounter('juggler.buffered', { unit: 'By' })
  const traffic = meter.createObservableCounter('juggler.traffic', { unit: 'By' })
  const messages = meter.createObservableCounter('juggler.state.messages')
  const deliveries = meter.createObservableCounter('juggler.state.deliveries')
  const limits = meter.createObservableCounter('juggler.limits')
  meter.addBatchObservableCallback((result) => {
    const stats = juggler.stats()
    result.observe(connections, stats.connections.open, { state: 'open' })
    result.observe(connections, stats.connections.closing, { state: 'closing' })
    for (const [code, count] of Object.entries(stats.connections.closed)) result.observe(closed, count, { code })
    result.observe(behind, stats.behind.connections)
    result.observe(buffered, stats.buffered.input, { direction: 'input' })
    result.observe(buffered, stats.buffered.output, { direction: 'output' })
    result.observe(traffic, stats.traffic.bytesReceived, { direction: 'received' })
    result.observe(traffic, stats.traffic.bytesSent, { direction: 'sent' })
    result.observe(messages, stats.flushes.messages)
    result.observe(deliveries, stats.flushes.deliveries)
    for (const [limit, count] of Object.entries(stats.limits)) result.observe(limits, count, { limit })
  }, [connections, closed, behind, buffered, traffic, messages, deliveries, limits])
}

/**
 * Makes a span of each request, and counts its duration. Call it once for a process, with the context manager that the
 * SDK was given: the span is the active one while the handler is called, and behind each `await` of it.
 */
export function traceRequests (manager: AsyncLocalStorageContextManager): void {
  const tracer = trace.getTracer('fastify-juggler')
  const duration = metrics.getMeter('fastify-juggler').createHistogram('juggler.request.duration', { unit: 's' })
  const under = new WeakMap<RequestTrace, { span: Span, leave: () => void }>()
  const on = (step: string, act: (request: RequestTrace) => void): void => {
    subscribe(`tracing:juggler:request:${step}`, (request) => act(request as RequestTrace))
  }
  const finish = (request: RequestTrace): void => {
    const { span } = under.get(request)!
    const { handler, result, error } = request
    span.setAttribute('juggler.result', result!)
    if (result === 'error' || result === 'timeout') {
      span.recordException(error as Error)
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.end()
    duration.record(request.duration! / 1000, { handler, result })
  }
  on('start', (request) => {
    const { handler, connection } = request
    const span = tracer.startSpan(`request ${handler}`, { kind: SpanKind.SERVER, attributes: { 'juggler.connection': connection.id } })
    const token = manager.attach(trace.setSpan(context.active(), span))
    under.set(request, { span, leave: () => token.dispose() })
  })
  on('end', (request) => {
    under.get(request)!.leave()
    if (request.result !== undefined) finish(request)
  })
  on('asyncEnd', finish)
}
