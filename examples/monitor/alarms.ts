/** Alarms: a value that crosses its threshold, and comes back well below it, is told once each. */

export type Metric = 'cpu' | 'memory' | 'loop'
export interface Alarm { threshold: number, active: boolean }
export interface Crossing { metric: Metric, active: boolean, value: number, threshold: number }

/** Shares from 0 to 1; `loop` in milliseconds. `max` is the highest threshold that may be set. */
export const alarmLimits: Readonly<Record<Metric, { readonly threshold: number, readonly max: number }>> = {
  cpu: { threshold: 0.85, max: 1 },
  memory: { threshold: 0.9, max: 1 },
  loop: { threshold: 100, max: 10000 }
}

/** An alarm ends this far below its threshold, so that a value that trembles around it does not tell a hundred times. */
const hysteresis = 0.9

export const isMetric = (name: unknown): name is Metric => typeof name === 'string' && Object.hasOwn(alarmLimits, name)

/** The crossing that a new value makes, if it makes one. */
export function crossing (metric: Metric, value: number, { threshold, active }: Readonly<Alarm>): Crossing | undefined {
  if (!active && value > threshold) return { metric, active: true, value, threshold }
  if (active && value <= threshold * hysteresis) return { metric, active: false, value, threshold }
}
