/** What can be synchronised: a JSON tree whose changes are told, be it a store or what is visible of one. */
import type { JsonValue } from '../../types/json.ts'
import type { Touches } from './history/touches.ts'
import type { Recorder } from './store/store-tree.ts'

export interface Source {
  readonly tree: {
    readonly root: JsonValue
    /** Counts changes. */
    readonly revision: number
    /** Where touched places are kept while somebody may ask for a patch from an older revision. */
    touches: Touches | undefined
  }
  readonly revision: number
  /** Whether it is one of perhaps thousands, so that nothing large is to be kept for it. */
  readonly isPassing: boolean
  /** Has a recorder learn of every write from now on. Returns what ends that. */
  record (recorder: Recorder): () => void
  /** The whole as JSON text. */
  stringify (): string
}
