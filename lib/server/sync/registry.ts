/** Which sync group a connection belongs to: one for each state and delay, shared by all registrations of the plugin. */
import type { Store } from '../../state/store/store.ts'
import { SyncGroup } from './sync-group.ts'

const groups = new WeakMap<Store, Map<number | null, SyncGroup>>()

/** @param delay - the option `autoflushDelay` */
export function syncGroupOf (store: Store, delay: number | null): SyncGroup {
  let byDelay = groups.get(store)
  if (byDelay === undefined) groups.set(store, byDelay = new Map())
  let group = byDelay.get(delay)
  if (group === undefined) byDelay.set(delay, group = new SyncGroup(store, delay))
  return group
}
