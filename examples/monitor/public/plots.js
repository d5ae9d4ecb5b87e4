/** The plots: one look for all of them, colours from the style sheet, cursors that move together. */
import './language.js'
import UPlot from './assets/uplot.js'
import { clock } from './format.js'

const shortestSpan = 60
/** Seconds between labels. */
const timeSteps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600]
const css = (name) => getComputedStyle(document.body).getPropertyValue(name).trim()
const all = new Set()

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const plot of all) plot.redraw()
})

/**
 * @param {HTMLElement} element
 * @param {{ series: string[], format: (value: number) => string, floor: number, ceiling?: number, threshold?: () => number | undefined }} options
 *   `floor`: the scale ends there at least, so that noise near zero does not look like a storm; `ceiling`: always there
 */
export function createPlot (element, options) {
  let data = [[], ...options.series.map(() => [])]
  let chart
  const tip = document.createElement('p')
  tip.className = 'tip'
  tip.hidden = true
  element.append(tip)

  const build = () => {
    chart?.destroy()
    chart = new UPlot(chartOptions(element, options, tip), data, element)
  }
  const plot = {
    update (next) {
      data = next
      chart.setData(data)
    },
    redraw: build
  }
  build()
  all.add(plot)
  new ResizeObserver(() => chart.setSize(sizeOf(element))).observe(element)
  return plot
}

const sizeOf = (element) => ({ width: Math.max(element.clientWidth, 80), height: Math.max(element.clientHeight, 60) })

function chartOptions (element, { series, format, floor, ceiling, threshold }, tip) {
  const muted = css('--muted')
  const em = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
  const font = `${11 * em}px ${css('--font')}`
  const grid = { stroke: css('--grid'), width: 1 }
  return {
    ...sizeOf(element),
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false }, sync: { key: 'monitor' } },
    scales: {
      x: { range: (_, min, max) => [Math.min(min, max - shortestSpan), max] },
      y: { range: (_, min, max) => [0, ceiling ?? Math.max(floor, max * 1.1)] }
    },
    axes: [
      {
        stroke: muted,
        font,
        size: 22 * em,
        gap: 4 * em,
        space: 58 * em,
        incrs: timeSteps,
        grid: { show: false },
        ticks: { show: false },
        values: (chart, splits, _axis, _space, step) => splits.map((at) => timeLabel(chart, at, step))
      },
      { stroke: muted, font, size: 58 * em, gap: 6 * em, space: (_, axis, min, max, height) => Math.max(34 * em, height / 6), grid, ticks: { show: false }, values: (_, splits) => splits.map((value) => format(value).replace('.0 ', ' ')) }
    ],
    series: [
      {},
      ...series.map((label, index) => {
        const color = css(index === 0 ? '--first' : '--second')
        return { label, stroke: color, width: 1.75, fill: index === 0 ? (chart) => shade(chart, color) : undefined, points: { show: false } }
      })
    ],
    hooks: {
      draw: [(chart) => drawThreshold(chart, threshold?.())],
      setCursor: [(chart) => showTip(chart, tip, series, format)]
    }
  }
}

/** Seconds only where they say something; a label that the right edge would cut is left out. */
const timeLabel = (chart, at, step) =>
  chart.valToPos(at, 'x') > chart.over.clientWidth - 26 ? '' : clock(at * 1000).slice(0, step < 60 ? 8 : 5)

/** The area under the line, fading to the ground; the colours of the style sheet are six hex digits. */
function shade (chart, color) {
  const { top, height } = chart.bbox
  if (!Number.isFinite(top) || !(height > 0)) return 'transparent'
  const gradient = chart.ctx.createLinearGradient(0, top, 0, top + height)
  gradient.addColorStop(0, `${color}52`)
  gradient.addColorStop(1, `${color}08`)
  return gradient
}

function drawThreshold (chart, value) {
  if (value === undefined || value > chart.scales.y.max) return
  const { ctx, bbox } = chart
  const y = Math.round(chart.valToPos(value, 'y', true))
  ctx.save()
  ctx.strokeStyle = css('--alarm')
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

function showTip (chart, tip, series, format) {
  const { idx, left } = chart.cursor
  const at = idx == null ? undefined : chart.data[0][idx]
  tip.hidden = at === undefined || left < 0
  if (tip.hidden) return
  const values = series.map((label, index) => `${label} ${format(chart.data[index + 1][idx])}`)
  tip.textContent = [clock(at * 1000), ...values].join('  ')
}
