/** Numbers as people read them from some way off. */

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** Three digits at most: 12.3 MB, 123 MB. */
export function bytes (value) {
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value.toFixed(unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`
}

export const rate = (value) => `${bytes(value)}/s`

export const percent = (share) => `${Math.round(share * 100)} %`

export const milliseconds = (value) => `${value >= 10 ? Math.round(value) : value.toFixed(1)} ms`

export const count = (value) => value.toLocaleString('en')

/** The two largest units: 3 d 4 h, 5 min 20 s. */
export function duration (ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const parts = [[Math.floor(seconds / 86400), 'd'], [Math.floor(seconds / 3600) % 24, 'h'], [Math.floor(seconds / 60) % 60, 'min'], [seconds % 60, 's']]
  const first = parts.findIndex(([value]) => value > 0)
  if (first === -1) return '0 s'
  return parts.slice(first, first + 2).filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`).join(' ')
}

export const clock = (ms) => new Date(ms).toLocaleTimeString('en-GB')
