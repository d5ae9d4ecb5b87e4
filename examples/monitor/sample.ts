/** One sample of the machine: what two readings of its counters, some time apart, say together. */
import { cpuUsage, memoryUsage } from 'node:process'
import { pageSize, ticksPerSecond } from './machine.ts'
import type { Counters } from './machine.ts'

/** Rates are bytes per second, shares go from 0 to 1, sizes are bytes. What the system does not tell is null. */
export interface Sample {
  cpu: { total: number, cores: number[], load: number[] }
  memory: { total: number, used: number, swapTotal: number, swapUsed: number }
  network: { received: number, sent: number } | null
  disk: { read: number, written: number } | null
  volume: { total: number, free: number } | null
  processes: ProcessSample[]
}

/** `cpu` counts cores: 1.5 is one and a half. */
export interface ProcessSample { pid: number, name: string, cpu: number, memory: number }

const topProcesses = 8
/** Traffic of a machine with itself is no network traffic. */
const loopback = /^lo\d*$/

export function takeSample (before: Counters, after: Counters): Sample {
  const seconds = Math.max((after.at - before.at) / 1000, 0.001)
  const cores = after.cores.map((core, index) => {
    const earlier = before.cores[index] ?? core
    return share(core.busy - earlier.busy, core.total - earlier.total)
  })
  const { memory } = after
  return {
    cpu: { total: mean(cores), cores, load: after.load.map((load) => round(load, 2)) },
    memory: {
      total: memory.total,
      used: coarse(memory.total - memory.available),
      swapTotal: memory.swapTotal,
      swapUsed: coarse(memory.swapTotal - memory.swapFree)
    },
    network: networkRates(before, after, seconds),
    disk: after.disk && before.disk && {
      read: rate(before.disk.read, after.disk.read, seconds),
      written: rate(before.disk.written, after.disk.written, seconds)
    },
    volume: after.volume && { total: after.volume.total, free: coarse(after.volume.free) },
    processes: processRates(before, after, seconds)
  }
}

function networkRates (before: Counters, after: Counters, seconds: number): Sample['network'] {
  if (after.network === null) return null
  const sum = { received: 0, sent: 0 }
  for (const [name, { received, sent }] of Object.entries(after.network)) {
    const earlier = before.network?.[name]
    if (earlier === undefined || loopback.test(name)) continue
    sum.received += rate(earlier.received, received, seconds)
    sum.sent += rate(earlier.sent, sent, seconds)
  }
  return sum
}

function processRates (before: Counters, after: Counters, seconds: number): ProcessSample[] {
  if (after.processes === null) return [ownProcess()]
  // A pid may be taken again: only with the same start time is it the same process.
  const earlier = new Map(before.processes?.map((process) => [`${process.pid} ${process.started}`, process.ticks]))
  return after.processes
    .map(({ pid, name, started, ticks, pages }) => ({
      pid,
      name,
      cpu: round((ticks - (earlier.get(`${pid} ${started}`) ?? ticks)) / ticksPerSecond / seconds, 3),
      memory: coarse(pages * pageSize)
    }))
    .sort((a, b) => b.cpu - a.cpu || b.memory - a.memory || a.pid - b.pid)
    .slice(0, topProcesses)
}

let ownUsage = cpuUsage()
let ownTime = performance.now()

/** Where the system does not list processes, this one still knows itself. */
function ownProcess (): ProcessSample {
  const used = cpuUsage(ownUsage)
  const now = performance.now()
  const cpu = (used.user + used.system) / 1000 / Math.max(now - ownTime, 1)
  ownUsage = cpuUsage()
  ownTime = now
  return { pid: process.pid, name: 'node', cpu: round(cpu, 3), memory: coarse(memoryUsage.rss()) }
}

/** To 0.1 MB: what nobody can see need not be sent. */
export const coarse = (size: number) => Math.round(size / 1e5) * 1e5
const round = (value: number, digits: number) => Number(value.toFixed(digits))
const mean = (values: readonly number[]) => round(values.reduce((sum, value) => sum + value, 0) / (values.length || 1), 4)
const share = (part: number, whole: number) => (whole > 0 ? round(Math.min(Math.max(part / whole, 0), 1), 4) : 0)
/** Counters restart at 0 when a device is plugged in again. */
const rate = (before: number, after: number, seconds: number) => Math.max(0, Math.round((after - before) / seconds))
