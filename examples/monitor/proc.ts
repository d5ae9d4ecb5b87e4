/** Reads what the Linux kernel tells in /proc. Every function is pure: text in, numbers out. */

/** Counts since boot, in bytes. */
export interface Traffic { readonly received: number, readonly sent: number }
export interface DiskTraffic { readonly read: number, readonly written: number }
export interface Memory { readonly total: number, readonly available: number, readonly swapTotal: number, readonly swapFree: number }
export interface ProcessTimes { readonly pid: number, readonly name: string, readonly started: number, readonly ticks: number, readonly pages: number }

/** /proc/diskstats counts in sectors of 512 bytes, whatever the disk's own are. */
const sectorSize = 512

/** Partitions would be counted twice, and these are not disks: their traffic ends in memory or in another device. */
const notDisks = /^(loop|ram|zram|dm-|md|sr|fd)\d*/

export function parseNetwork (text: string): Record<string, Traffic> {
  const interfaces: Record<string, Traffic> = {}
  for (const line of text.split('\n')) {
    const match = /^\s*([^:\s]+):\s*(.*)$/.exec(line)
    if (!match) continue
    const fields = match[2]!.split(/\s+/).map(Number)
    interfaces[match[1]!] = { received: fields[0]!, sent: fields[8]! }
  }
  return interfaces
}

/** @param devices - the names in /sys/block: whole devices, without their partitions */
export function parseDisks (text: string, devices: ReadonlySet<string>): DiskTraffic {
  let read = 0
  let written = 0
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/)
    const name = fields[2]
    if (name === undefined || !devices.has(name) || notDisks.test(name)) continue
    read += Number(fields[5]) * sectorSize
    written += Number(fields[9]) * sectorSize
  }
  return { read, written }
}

export function parseMemory (text: string): Memory {
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
  return {
    total: bytes('MemTotal'),
    available: bytes('MemAvailable'),
    swapTotal: bytes('SwapTotal'),
    swapFree: bytes('SwapFree')
  }
}

/** /proc/PID/stat: the name stands in parentheses and may hold spaces and parentheses itself. */
export function parseProcess (text: string): ProcessTimes | undefined {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return undefined
  const fields = text.slice(close + 2).split(' ').map(Number)
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    started: fields[19]!,
    ticks: fields[11]! + fields[12]!,
    pages: fields[21]!
  }
}
