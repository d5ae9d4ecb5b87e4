/** What this machine does: counters as the system keeps them, from /proc where there is one, else from node:os. */
import { readFile, readdir, statfs } from 'node:fs/promises'
import { availableParallelism, cpus, freemem, hostname, loadavg, release, totalmem, type } from 'node:os'
import { parseDisks, parseMemory, parseNetwork, parseProcess } from './proc.ts'
import type { DiskTraffic, Memory, ProcessTimes, Traffic } from './proc.ts'

/** Times of one core since boot, in any unit. */
export interface CoreTimes { readonly busy: number, readonly total: number }

/** Counters at one moment; what the system does not tell is null. */
export interface Counters {
  /** Milliseconds of a clock that never jumps. */
  readonly at: number
  readonly cores: readonly CoreTimes[]
  readonly load: readonly number[]
  readonly memory: Memory
  readonly network: Readonly<Record<string, Traffic>> | null
  readonly disk: DiskTraffic | null
  readonly volume: { readonly total: number, readonly free: number } | null
  readonly processes: readonly ProcessTimes[] | null
}

/** Linux counts process times in ticks of 10 ms and memory in pages of 4 KiB on nearly every machine there is. */
export const ticksPerSecond = 100
export const pageSize = 4096

const or = async <T>(promise: Promise<T>): Promise<T | null> => promise.catch(() => null)
const text = async (path: string) => readFile(path, 'latin1')

export function describeHost () {
  const model = cpus()[0]?.model.trim() ?? ''
  return {
    name: hostname(),
    system: `${type()} ${release().replace(/-.*$/, '')}`,
    cpu: /^unknown$/i.test(model) ? '' : model.replace(/\((R|TM)\)/g, '').replace(/\s+(CPU )?@.*$/, ''),
    cores: availableParallelism(),
    node: process.version
  }
}

export async function readCounters (): Promise<Counters> {
  const [network, disk, memory, volume, processes] = await Promise.all([
    or(text('/proc/net/dev').then(parseNetwork)),
    or(readDisks()),
    or(text('/proc/meminfo').then(parseMemory)),
    or(statfs('/')),
    or(readProcesses())
  ])
  return {
    at: performance.now(),
    cores: cpus().map(({ times }) => {
      const total = times.user + times.nice + times.sys + times.irq + times.idle
      return { busy: total - times.idle, total }
    }),
    load: loadavg(),
    memory: memory ?? { total: totalmem(), available: freemem(), swapTotal: 0, swapFree: 0 },
    network,
    disk,
    volume: volume && { total: volume.blocks * volume.bsize, free: volume.bavail * volume.bsize },
    processes
  }
}

async function readDisks (): Promise<DiskTraffic> {
  const [stats, devices] = await Promise.all([text('/proc/diskstats'), readdir('/sys/block')])
  return parseDisks(stats, new Set(devices))
}

async function readProcesses (): Promise<ProcessTimes[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  if (pids.length === 0) throw new Error('no processes to see')
  // A process may end between the listing and the reading.
  const found = await Promise.all(pids.map(async (pid) => or(text(`/proc/${pid}/stat`))))
  return found.flatMap((stat) => (stat === null ? [] : parseProcess(stat) ?? []))
}
