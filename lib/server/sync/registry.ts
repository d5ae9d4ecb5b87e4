/** Which sync group a connection belongs to: one for each state and timing, shared by all registrations of the plugin. */
import type { ReadableState } from '../../../types/state.ts'
import type { Source } from '../../state/source.ts'
import { SyncGroup } from './sync-group.ts'

const groups = new WeakMap<Source, Map<string, SyncGroup>>()

/**
 * @param state - the public face of the source
 * @param delay - the option `autoflushDelay`
 * @param leading - the option `autoflushLeading`
 * @param checkInterval - the option of that name
 */
export function syncGroupOf (
  source: Source, state: ReadableState<unknown>, delay: number | null, leading = false, checkInterval: number | null = null
): SyncGroup {
  let byTiming = groups.get(source)
  if (byTiming === undefined) groups.set(source, byTiming = new Map())
  const timing = `${delay} ${leading} ${checkInterval}`
  let group = byTiming.get(timing)
  if (group === undefined) byTiming.set(timing, group = new SyncGroup(source, state, delay, leading, checkInterval))
  return group
}
