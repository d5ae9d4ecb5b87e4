/** Tells a state from what is none, whoever made it. */
import type { ReadableState } from '../../../types/state.ts'

/** Whether something can serve as the option `state`. */
export function isReadableState (value: unknown): value is ReadableState<unknown> {
  if (typeof value !== 'object' || value === null) return false
  const { get, onChange } = value as Partial<ReadableState<unknown>>
  return 'data' in value && typeof get === 'function' && typeof onChange === 'function'
}
