/** What the compiler takes and refuses of a state; `npm run types` checks it. */
import { createState } from '../lib/index.ts'
import type { DeepReadonly, JsonValue, Patch, PatchOperation, ReadableState, State, StateChange } from './index.ts'

interface Plant { pumps: Record<string, { speed: number, tags: string[] }>, title: string | null }
declare const plant: State<Plant>
declare function takes<T> (value: T): void

// what is read cannot be written to
takes<number | undefined>(plant.data.pumps['7']?.speed)
takes<DeepReadonly<JsonValue>>(plant.get(['pumps', '7', 'tags', -1]))
// @ts-expect-error a snapshot is read-only
plant.data.title = 'x'
// @ts-expect-error all the way down
plant.data.pumps['7']!.tags.push('x')
// @ts-expect-error a revision is counted, not set
plant.revision = 1

// what is written
plant.set('/title', 'x')
plant.set(['pumps', '7', 'tags', 0], { anything: 'JSON' })
plant.patch([{ op: 'test', path: '', value: null }] satisfies Patch)
plant.update((draft) => { draft.pumps['8'] = { speed: 1, tags: [] } })
// @ts-expect-error the draft has the state's type
plant.update((draft) => { draft.pumps['8'] = 1 })
// @ts-expect-error a path is text or an array
plant.set(7, 'x')
// @ts-expect-error a patch is a list of operations
plant.patch({ op: 'remove', path: '/title' })

// who listens
takes<() => void>(plant.onChange(({ patch, revision, state }: StateChange<Plant>) => {
  takes<number>(revision)
  takes<string | null>(state.data.title)
  // @ts-expect-error nothing is copied for listeners, so the patch is not theirs
  patch.push({ op: 'remove', path: '' })
  // @ts-expect-error nor are its operations
  patch[0]!.path = ''
  takes<readonly PatchOperation[]>(patch)
}))
plant.onChange('/pumps', () => {})
// @ts-expect-error a path without a listener
plant.onChange('/pumps')

// what a state can be used as
takes<ReadableState<Plant>>(plant)
takes<ReadableState<unknown>>(plant)
// @ts-expect-error what can only be read has no set
takes<State<Plant>>(plant as ReadableState<Plant>)

// how it is made
takes<State<{ n: number }>>(createState({ n: 1 }))
takes<State<JsonValue>>(createState())
takes<State<Plant>>(createState<Plant>({ pumps: {}, title: null }, { onError: (error: unknown) => takes<unknown>(error) }))
// @ts-expect-error not a plant
createState<Plant>({ pumps: [] })
