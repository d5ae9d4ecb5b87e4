/** The state and the changes that every workload uses, the same in each run. */

export interface Device { temp: number, status: string, ts: number, tags: string[] }
export interface Plant { devices: Record<string, Device> }
/** One leaf of one device: its new temperature, and the one it replaces. */
export interface Change { device: string, temp: number, was: number }

/** Mulberry32: a small seeded generator, so that every server and every run sees the same numbers. */
export function generator (seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const deviceName = (index: number): string => `device-${String(index).padStart(4, '0')}`

export function makePlant (count: number): Plant {
  const random = generator(1)
  const plant: Plant = { devices: {} }
  for (let i = 0; i < count; i++) {
    plant.devices[deviceName(i)] = {
      temp: temperature(random()),
      status: random() < 0.9 ? 'ok' : 'alarm',
      ts: 1764000000000 + Math.floor(random() * 1e9),
      tags: ['plant', `hall-${i % 7}`, `line-${i % 31}`, 'pump', `rev-${i % 4}`]
    }
  }
  return plant
}

/** `ticks` lists of `leaves` changes, each of another device. */
export function makeTicks (plant: Plant, ticks: number, leaves: number): Change[][] {
  const random = generator(2)
  const names = Object.keys(plant.devices)
  const temps = new Map(names.map((name) => [name, plant.devices[name]!.temp]))
  return Array.from({ length: ticks }, () => {
    const chosen = new Set<string>()
    while (chosen.size < Math.min(leaves, names.length)) chosen.add(names[Math.floor(random() * names.length)]!)
    return [...chosen].map((device) => {
      const was = temps.get(device)!
      let temp = was
      while (temp === was) temp = temperature(random())
      temps.set(device, temp)
      return { device, temp, was }
    })
  })
}

/** Has the first device tell which tick it is, from 1000 on: then a client's state says how old it is. */
export function numberTicks (plant: Plant, ticks: Change[][]): void {
  const [device] = Object.keys(plant.devices)
  ticks.forEach((changes, i) => {
    const own = changes.findIndex((change) => change.device === device)
    if (own !== -1) changes.splice(own, 1)
    changes.unshift({ device: device!, temp: 1000 + i, was: i === 0 ? plant.devices[device!]!.temp : 999 + i })
  })
}

/** The tick that a state shows, where they are numbered; -1: none yet. */
export function tickOf (state: unknown): number {
  const devices = (state as Plant | null | undefined)?.devices as unknown
  if (typeof devices !== 'object' || devices === null) return -1
  const name = deviceName(0)
  // a map, where the peer makes one of it
  const device = (typeof (devices as Map<string, Device>).get === 'function'
    ? (devices as Map<string, Device>).get(name)
    : (devices as Plant['devices'])[name])
  return device === undefined || device.temp < 1000 ? -1 : device.temp - 1000
}

/** A JSON Patch of one tick, as an application would write it by hand. */
export const patchOf = (changes: readonly Change[]) =>
  changes.map(({ device, temp }) => ({ op: 'replace', path: `/devices/${device}/temp`, value: temp }))

/** The whole state as a JSON Patch: what a client gets when it joins. */
export const patchOfWhole = (value: unknown) => [{ op: 'replace', path: '', value }]

const temperature = (random: number): number => Math.round((15 + random * 20) * 100) / 100
