/** A store's recorder that keeps what it learns in a journal, and in nothing else. */
import type { Journal } from '../../../lib/state/history/journal.ts'
import type { Recorder } from '../../../lib/state/store/store-tree.ts'

/** @param journal - asked at each write, so that a test can begin another one */
export function recordingIn (journal: () => Pick<Journal, 'covers' | 'record'>): Recorder {
  return {
    covers: (keys) => journal().covers(keys),
    record: (keys, before) => journal().record(keys, before),
    committed: () => {},
    undone: () => {}
  }
}
