/** What the compiler takes and refuses of a state; `npm run types` checks it. */
import { createState } from '../lib/index.ts'
import type { DeepReadonly, JsonValue, Patch, PatchOperation, Path, ReadableState, State, StateChange } from './index.ts'

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
plant.patch([{ op: 'test', path: '', value: null }] satisfies Patch)
plant.update((draft) => { draft.pumps['8'] = { speed: 1, tags: [] } })
// @ts-expect-error the draft has the state's type
plant.update((draft) => { draft.pumps['8'] = 1 })
// @ts-expect-error a path is text or an array
plant.set(7, 'x')
// @ts-expect-error a patch is a list of operations
plant.patch({ op: 'remove', path: '/title' })

// where it is written: pointers
plant.set('/pumps/7/speed', 1450)
plant.set('/pumps/7', { speed: 1, tags: [] })
plant.set('', { pumps: {}, title: null })
plant.set('/pumps', plant.data.pumps)
plant.set('/pumps/7/tags/0', 'x')
plant.set('/pumps/7/tags/-1', 'x')
plant.set('/pumps/7/tags/-', 'x')
plant.set('/title', null)
// @ts-expect-error no such member
plant.set('/pumps/7/speeed', 1450)
// @ts-expect-error no such member of the root
plant.set('/pump', {})
// @ts-expect-error of another type
plant.set('/pumps/7/speed', 'x')
// @ts-expect-error a member is missing
plant.set('/pumps/7', { speed: 1 })
// @ts-expect-error another root
plant.set('', null)
// @ts-expect-error no index
plant.set('/pumps/7/tags/first', 'x')
// @ts-expect-error only the last one is counted from the end
plant.set('/pumps/7/tags/-2', 'x')
// @ts-expect-error no index
plant.set('/pumps/7/tags/1.5', 'x')
// @ts-expect-error a list's length is no place of it
plant.set('/pumps/7/tags/length', 1)
// @ts-expect-error nothing is in a number
plant.set('/pumps/7/speed/rpm', 1)
// @ts-expect-error a pointer begins with a slash
plant.set('pumps/7/speed', 1)
// @ts-expect-error nothing undefined is JSON
plant.set('/title', undefined)

// arrays of keys
plant.set(['pumps', '7', 'speed'], 1450)
plant.set(['pumps', '7', 'tags', 0], 'x')
plant.set(['pumps', '7', 'tags', -1], 'x')
plant.set([], { pumps: {}, title: 'x' })
// @ts-expect-error no such member
plant.set(['pumps', '7', 'speeed'], 1450)
// @ts-expect-error of another type
plant.set(['pumps', '7', 'speed'], '1450')
// @ts-expect-error in an array of keys a text is no index
plant.set(['pumps', '7', 'tags', '0'], 'x')
// @ts-expect-error nor a number a name
plant.set(['pumps', 7, 'speed'], 1450)

// what is not a literal takes anything; what is one in part is followed as far as it is known
declare const text: string
declare const path: Path
declare const keys: string[]
declare const id: string
declare const index: number
plant.set(text, { any: 'JSON' })
plant.set(path, 1)
plant.set(keys, 1)
plant.set(`/pumps/${id}/speed`, 1)
plant.set(`${text}/speed`, 'x')
plant.set(['pumps', id, 'tags', index], 'x')
// @ts-expect-error no such member, whichever pump
plant.set(`/pumps/${id}/speeed`, 1)
// @ts-expect-error of another type, whichever pump
plant.set(`/pumps/${index}/speed`, 'x')
// @ts-expect-error of another type, whichever tag
plant.set(['pumps', id, 'tags', index], 1)

// the same for the others
plant.remove('/pumps/7')
plant.remove(text)
plant.remove(['pumps', '7', 'tags', 0])
// @ts-expect-error no such member
plant.remove('/pumps/7/speeed')
plant.onChange('/pumps/7/speed', () => {})
plant.onChange(text, () => {})
// @ts-expect-error no such member
plant.onChange('/pumps/7/speeed', () => {})

// what is read: what may be missing may be null
takes<DeepReadonly<Plant['pumps']>>(plant.get('/pumps'))
takes<string | null>(plant.get('/title'))
takes<number | null>(plant.get('/pumps/7/speed'))
takes<DeepReadonly<Plant>>(plant.get(''))
takes<string | null>(plant.get('/pumps/7/tags/0'))
// @ts-expect-error there may be no such pump
takes<number>(plant.get('/pumps/7/speed'))
// @ts-expect-error it is no number
takes<number | null>(plant.get('/title'))
// @ts-expect-error what is read is read-only
plant.get('/pumps')['7'] = { speed: 1, tags: [] }
// @ts-expect-error no such member
plant.get('/pumps/7/speeed')
takes<DeepReadonly<JsonValue>>(plant.get(text))
takes<number>(plant.get<number>('/pumps/7/speed'))
takes<{ readonly own: string }>(plant.get<{ own: string }>('/any/path'))
// @ts-expect-error the caller's word is what it is
takes<string>(plant.get<number>('/pumps/7/speed'))
// @ts-expect-error what is expected of it says nothing about it
takes<string>(plant.get(text))

// states of other shapes
interface Shapes {
  'a/b': { 'c~d': number }
  optional?: { deep?: { n: number } }
  union: { kind: 'a', a: number } | { kind: 'b', b: string } | null
  tuple: [number, { x: string }]
  next: Shapes | null
  free: JsonValue
  anything: unknown
  fixed: Record<'left' | 'right', number>
  rows: Record<number, string>
  named: { known: boolean, [other: string]: boolean | number }
}
declare const shapes: State<Shapes>
shapes.set('/a~1b/c~0d', 1)
// @ts-expect-error another type behind the escapes
shapes.set('/a~1b/c~0d', 'x')
// @ts-expect-error an escape is needed
shapes.set('/a/b/c~0d', 1)
shapes.set('/optional/deep/n', 1)
// @ts-expect-error a type that may be missing is still one
shapes.set('/optional/deep/n', 'x')
takes<number | null>(shapes.get('/optional/deep/n'))
// @ts-expect-error it may be missing
takes<number>(shapes.get('/optional/deep/n'))
shapes.remove('/optional')
shapes.set('/union', null)
shapes.set('/union/a', 1)
shapes.set('/union/kind', 'b')
// @ts-expect-error in none of them
shapes.set('/union/c', 1)
// @ts-expect-error of another type
shapes.set('/union/a', 'x')
takes<number | null>(shapes.get('/union/a'))
shapes.set('/tuple/1/x', 'x')
// @ts-expect-error of another type
shapes.set('/tuple/0', 'x')
// @ts-expect-error there are two
shapes.set('/tuple/2', 1)
takes<string>(shapes.get('/tuple/1/x'))
shapes.set('/next/next/next/tuple/0', 1)
// @ts-expect-error however deep
shapes.set('/next/next/next/tuple/0', 'x')
// beyond a depth nothing is checked, so that the compiler stays fast
shapes.set('/next/next/next/next/next/next/next/next/next/next/next/next/next/next/next/next/next/nowhere', 'x')
shapes.set('/free/any/thing/0', { goes: true })
shapes.set('/anything/at/all', 1)
takes<DeepReadonly<JsonValue>>(shapes.get('/free/any'))
shapes.set('/fixed/left', 1)
// @ts-expect-error no such side
shapes.set('/fixed/middle', 1)
shapes.set('/rows/7', 'x')
// @ts-expect-error of another type
shapes.set('/rows/7', 1)
shapes.set('/named/known', true)
shapes.set('/named/other', 1)
// @ts-expect-error of another type
shapes.set('/named/known', 1)

// initial values tell what they can: nothing, null and empty lists say nothing, and in a table more rows may come
const begun = createState({ pumps: { 7: { speed: 1450 } }, log: [], alarm: null, users: {} })
begun.set('/pumps/8/speed', 1500)
begun.set('/log/-', { text: 'x' })
begun.set('/alarm', 'high')
begun.set('/alarm/level', 'high')
begun.set('/users/anna', { admin: true })
// @ts-expect-error no such member
begun.set('/pumps/8/speeed', 1500)
// @ts-expect-error of another type
begun.set('/pumps/7/speed', 'x')
// any JSON takes any path
createState().set('/any/where', 1)
createState<JsonValue>({ a: 1 }).set(['any', 'where'], 1)
takes<DeepReadonly<JsonValue>>(createState().get('/any/where'))
// inside of generic code
function stop<S> (state: State<S>, path: string): void { state.set(path, 0); takes<DeepReadonly<JsonValue>>(state.get(path)) }
stop(plant, '/pumps/7/speed')
// a client's state, of which nothing may have come
declare const followed: ReadableState<Plant | null>
takes<string | null>(followed.get('/title'))
takes<DeepReadonly<Plant> | null>(followed.get(''))
followed.onChange('/pumps/7', () => {})
// @ts-expect-error no such member
followed.get('/pumps/7/speeed')
// @ts-expect-error the state is the server's
followed.set('/title', 'x')
// @ts-expect-error the state is the server's
followed.update(() => {})

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
