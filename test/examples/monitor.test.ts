/** What the demo computes: /proc as the kernel writes it, rates between readings, alarms, its routes and its port. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import t from 'tap'
import { crossing } from '../../examples/monitor/alarms.ts'
import { buildApp } from '../../examples/monitor/app.ts'
import { listenOnFreePort } from '../../examples/monitor/listen.ts'
import { readCounters } from '../../examples/monitor/machine.ts'
import type { Counters } from '../../examples/monitor/machine.ts'
import { parseDisks, parseMemory, parseNetwork, parseProcess } from '../../examples/monitor/proc.ts'
import { takeSample } from '../../examples/monitor/sample.ts'

t.test('/proc', async (t) => {
  t.same(parseNetwork('Inter-| Receive | Transmit\n face |bytes packets|bytes\n    lo: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n  eth0:300 1 0 0 0 0 0 0 400 1 0 0 0 0 0 0\n'), {
    lo: { received: 10, sent: 20 },
    eth0: { received: 300, sent: 400 }
  })
  const disks = ' 7 0 loop0 1 0 8 0 1 0 8 0 0 0 0\n 254 0 vda 1 0 10 0 1 0 20 0 0 0 0\n 254 1 vda1 1 0 10 0 1 0 20 0 0 0 0\n'
  t.same(parseDisks(disks, new Set(['loop0', 'vda'])), { read: 5120, written: 10240 }, 'whole disks only')
  t.same(parseMemory('MemTotal:       16 kB\nMemFree: 1 kB\nMemAvailable:    8 kB\n'), { total: 16384, available: 8192, swapTotal: 0, swapFree: 0 })
  const stat = `42 (a (b) c) S ${Array.from({ length: 49 }, (_, index) => index + 4).join(' ')}\n`
  t.same(parseProcess(stat), { pid: 42, name: 'a (b) c', started: 22, ticks: 14 + 15, pages: 24 })
  t.equal(parseProcess(''), undefined)
})

t.test('rates', async (t) => {
  const reading = (at: number, more: Partial<Counters>): Counters => ({
    at,
    cores: [],
    load: [0, 0, 0],
    memory: { total: 1e9, available: 4e8, swapTotal: 0, swapFree: 0 },
    network: null,
    disk: null,
    volume: null,
    processes: null,
    ...more
  })
  const sample = takeSample(
    reading(1000, {
      cores: [{ busy: 0, total: 0 }, { busy: 0, total: 0 }],
      network: { lo: { received: 0, sent: 0 }, eth0: { received: 1000, sent: 5000 } },
      processes: [{ pid: 1, name: 'a', started: 1, ticks: 0, pages: 1 }, { pid: 2, name: 'old', started: 1, ticks: 900, pages: 1 }]
    }),
    reading(3000, {
      cores: [{ busy: 50, total: 100 }, { busy: 100, total: 100 }],
      network: { lo: { received: 9e9, sent: 9e9 }, eth0: { received: 5000, sent: 0 }, eth1: { received: 7e9, sent: 7e9 } },
      processes: [{ pid: 1, name: 'a', started: 1, ticks: 300, pages: 1000 }, { pid: 2, name: 'new', started: 9, ticks: 950, pages: 1 }]
    })
  )
  t.same(sample.cpu, { total: 0.75, cores: [0.5, 1], load: [0, 0, 0] })
  t.equal(sample.memory.used, 6e8)
  t.same(sample.network, { received: 2000, sent: 0 }, 'no loopback, no negative rate, nothing of an interface that has just come')
  t.equal(sample.disk, null, 'what the system does not tell is null')
  t.same(sample.processes.map(({ name, cpu }) => [name, cpu]), [['a', 1.5], ['new', 0]], 'a pid taken again is another process')

  const [before, after] = [await readCounters(), await readCounters()]
  const real = takeSample(before, after)
  t.equal(real.cpu.cores.length, after.cores.length)
  t.ok(real.memory.used > 0 && real.memory.used < real.memory.total)
  t.ok(real.processes.length > 0)
})

t.test('an alarm is told when it begins and when it is well over', async (t) => {
  t.equal(crossing('cpu', 0.8, { threshold: 0.8, active: false }), undefined)
  t.same(crossing('cpu', 0.81, { threshold: 0.8, active: false }), { metric: 'cpu', active: true, value: 0.81, threshold: 0.8 })
  t.equal(crossing('cpu', 0.99, { threshold: 0.8, active: true }), undefined)
  t.equal(crossing('cpu', 0.75, { threshold: 0.8, active: true }), undefined)
  t.same(crossing('cpu', 0.7, { threshold: 0.8, active: true }), { metric: 'cpu', active: false, value: 0.7, threshold: 0.8 })
})

t.test('REST routes stand beside the WebSocket', async (t) => {
  const app = await buildApp()
  t.teardown(() => app.close())
  const whole = await app.inject('/api/state')
  t.match(whole.headers, { 'content-type': /^application\/json/ })
  t.equal(whole.json().sampling.interval, 1000)
  t.equal((await app.inject('/api/state/sampling/interval')).body, '1000')
  t.equal((await app.inject('/api/state/nowhere')).body, 'null')
  t.equal((await app.inject('/')).headers.location, 'index.html')
  for (const path of ['/assets/uplot.js', '/assets/uplot.css', '/assets/archivo.woff2', '/ws/client.js']) {
    t.equal((await app.inject(path)).statusCode, 200, path)
  }
  t.equal((await app.inject({ url: '/', headers: { host: 'evil.example' } })).statusCode, 403, 'no name but loopback')
})

t.test('a port that is taken is passed over', async (t) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen({ host: '127.0.0.1', port: 0 }, resolve))
  t.teardown(() => taken.close())
  const { port } = taken.address() as AddressInfo
  const app = Fastify()
  t.teardown(() => app.close())
  const url = new URL(await listenOnFreePort(app, port))
  t.equal(url.hostname, 'localhost')
  t.ok(Number(url.port) > port)
  t.equal((await fetch(url)).status, 404, 'it answers there')
})
