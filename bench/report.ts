/** Numbers as text, and tables as Markdown. */

export function median (values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function quantile (sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN
}

/** Three significant digits, with thousands separated. */
export function figure (value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

export const ratio = (value: number, base: number): string => Number.isFinite(value) ? (value / base).toFixed(value / base < 10 ? 2 : 0) : '–'

export function table (head: string[], rows: string[][]): string {
  const all = [head, ...rows]
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length), 3))
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join(' | ')} |`
  const rule = `| ${widths.map((width, i) => i === 0 ? '-'.repeat(width) : '-'.repeat(width - 1) + ':').join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}
