/** The recipes of docs/observability.md, run with the real libraries. */
import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Registry } from 'prom-client'
import t from 'tap'
import { observeJuggler, traceRequests } from '../../examples/observability/opentelemetry.ts'
import { registerJuggler } from '../../examples/observability/prometheus.ts'
import { createState } from '../../lib/index.ts'
import { startApp } from '../helpers/app.ts'
import { connectPeer } from '../helpers/peer.ts'

// own process: OpenTelemetry is one for a process

/** As the examples have it, of the built package. */
type Juggler = Parameters<typeof observeJuggler>[0]

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** Three requests, one of which fails, and a connection that has ended. */
async function serve (t: Parameters<typeof startApp>[0]): Promise<{ juggler: Juggler }> {
  const { app, origin } = await startApp(t, { juggler: { state: createState({ n: 1 }) } })
  app.juggler.handle('add', async () => {
    await turn()
    const span = trace.getTracer('app').startSpan('query')
    span.end()
    return 3
  })
  app.juggler.handle('fail', () => { throw new Error('broken') })
  const peer = await connectPeer(t, `${origin}/ws`)
  await peer.next()
  for (const [id, name] of ['add', 'fail', 'what a client calls it'].entries()) await peer.ask(id, name)
  const gone = await connectPeer(t, `${origin}/ws`)
  gone.ws.close(4000)
  while (app.juggler.stats().connections.closed[4000] === undefined) await turn()
  return { juggler: app.juggler as unknown as Juggler }
}

t.test('the document shows them as they are', async (t) => {
  const document = read('docs/observability.md')
  for (const file of ['prometheus', 'opentelemetry']) t.ok(document.includes(read(`examples/observability/${file}.ts`).trim()), file)
})

t.test('Prometheus', async (t) => {
  const { juggler } = await serve(t)
  const registry = new Registry()
  registerJuggler(registry, juggler)
  for (let scrape = 0; scrape < 2; scrape++) {
    const lines = (await registry.metrics()).split('\n')
    const value = (series: string): number => Number(lines.find((line) => line.startsWith(`${series} `))?.split(' ').at(-1))
    t.equal(value('juggler_connections{state="open"}'), 1)
    t.equal(value('juggler_connections_opened_total'), 2)
    t.equal(value('juggler_connections_closed_total{code="4000"}'), 1)
    t.ok(value('juggler_sent_bytes_total') > 100)
    t.equal(value('juggler_request_duration_seconds_count{handler="add",result="success"}'), 1)
    t.equal(value('juggler_request_duration_seconds_count{handler="fail",result="error"}'), 1)
    t.equal(value('juggler_request_duration_seconds_bucket{handler="other",result="error",le="+Inf"}'), 1)
    t.equal(value('juggler_request_duration_seconds_bucket{handler="add",result="success",le="30"}'), 1)
    t.ok(value('juggler_request_duration_seconds_sum{handler="add",result="success"}') < 1, 'in seconds')
    t.equal(value('juggler_state_messages_total'), 1)
    t.notOk(lines.some((line) => line.includes('what a client calls it')), 'no label that clients choose')
  }
})

t.test('OpenTelemetry', async (t) => {
  const spanExporter = new InMemorySpanExporter()
  const manager = new AsyncLocalStorageContextManager()
  context.setGlobalContextManager(manager.enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] }))
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(provider)
  t.teardown(() => provider.shutdown())
  traceRequests(manager)
  const { juggler } = await serve(t)
  observeJuggler(juggler)
  await reader.forceFlush()

  const spans = spanExporter.getFinishedSpans()
  const named = (name: string) => spans.find((span) => span.name === name)!
  t.same(spans.map(({ name }) => name).sort(), ['query', 'request add', 'request fail', 'request other'])
  t.equal(named('query').parentSpanContext?.spanId, named('request add').spanContext().spanId, 'the span of the handler is a child')
  t.match(named('request add').attributes, { 'juggler.result': 'success', 'juggler.connection': /^c\d+$/ })
  t.match(named('request fail'), { status: { code: 2 }, events: [{ attributes: { 'exception.message': 'broken' } }] })
  t.equal(trace.getActiveSpan(), undefined, 'nothing of it is left')

  const all = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics)
  const points = (name: string): ReadonlyArray<{ attributes: object, value: unknown }> => all.find(({ descriptor }) => descriptor.name === name)!.dataPoints
  t.match(points('juggler.connections').find(({ attributes }) => 'state' in attributes && attributes.state === 'open'), { value: 1 })
  t.match(points('juggler.connections.closed'), [{ attributes: { code: '4000' }, value: 1 }])
  t.match(points('juggler.request.duration').find(({ attributes }) => 'handler' in attributes && attributes.handler === 'add'), { attributes: { result: 'success' }, value: { count: 1 } })
})
