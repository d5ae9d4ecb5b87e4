/** The messages of the state: a diff, or the whole, each made once for all who get it. */
import { encodeState } from '../../protocol/messages.ts'
import { sizeUpTo } from '../../json/size.ts'
import { widths } from '../../state/history/journal.ts'
import type { Journal } from '../../state/history/journal.ts'
import type { PatchTexts } from '../../state/history/patch-texts.ts'
import type { Source } from '../../state/source.ts'
import { newCost } from '../operations/monitor.ts'
import { EncodedMessage } from '../wire/encoded-message.ts'

/** A patch below this many characters is never given up for the whole: it fits into one packet, as the whole does. */
const leastPatch = 1024

/** The operation that carries the whole, without its value. */
const wholeOverhead = '[{"op":"replace","path":"","value":}]'.length

/**
 * What leads from a journal's base to now; undefined where there is no difference. Where the whole state is shorter than
 * the patch, it is that.
 */
export function diffMessage (journal: Journal, source: Source): EncodedMessage | undefined {
  const began = performance.now()
  const { root } = source.tree
  const patch = journal.diff(root)
  if (patch.length === 0) return undefined
  const text = JSON.stringify(patch)
  const limit = text.length - wholeOverhead
  // The estimate stops at the limit, and mostly at once. It may be below the length, so that the text has the last word.
  if (text.length >= leastPatch && sizeUpTo(root, limit, widths) < limit && source.stringify().length < limit) {
    return wholeMessage(source)
  }
  return stateMessage(text, began, source.revision)
}

/** @param began - when its text began to be made */
const stateMessage = (diff: string, began: number, revision: number): EncodedMessage =>
  new EncodedMessage(encodeState(diff), newCost(performance.now() - began), revision)

interface Absolute {
  readonly revision: number
  readonly byBase: Map<number, EncodedMessage | undefined>
  /** Of the oldest base that was asked for, whose operations serve the younger ones as well. */
  oldest: number
  operations: PatchTexts | undefined
}

const absolutes = new WeakMap<Source, Absolute>()

/**
 * What leads from a base to now, in a source that keeps touched places: the whole state where that is shorter, or where
 * the base is too old; `undefined` where nothing was touched since.
 *
 * @param base - a revision
 * @param floor - an older one: the message may lead from there as well, so that others can share it
 */
export function absoluteMessage (source: Source, base: number, floor: number): EncodedMessage | undefined {
  const began = performance.now()
  const { touches, root } = source.tree
  if (touches === undefined || base < touches.horizon) return wholeMessage(source)
  const from = Math.max(floor, touches.horizon)
  let known = absolutes.get(source)
  if (known?.revision !== source.revision) {
    absolutes.set(source, known = { revision: source.revision, byBase: new Map(), oldest: Infinity, operations: undefined })
    if (source.isPassing) setImmediate(() => absolutes.delete(source))
  }
  if (known.byBase.has(from)) return known.byBase.get(from)
  if (from < known.oldest) {
    known.oldest = from
    known.operations = touches.textsSince(from, root)
  }
  const text = known.operations!.textFor(from)
  let message: EncodedMessage | undefined
  if (text !== '[]') {
    message = text.length > wholeSize(source) ? wholeMessage(source) : stateMessage(text, began, source.revision)
  }
  known.byBase.set(from, message)
  return message
}

const emptyText = '[]'
const nothing = stateMessage(emptyText, performance.now(), -1)
// One for each state: what is said of its place in its history is kept with the message.
const empties = new WeakMap<Source, EncodedMessage>()

/**
 * The message that changes nothing, for who wants to know that the state is null, or that nothing has changed.
 *
 * @param source - whose revision it says; undefined: of a state that has none
 */
export function emptyMessage (source?: Source): EncodedMessage {
  if (source === undefined) return nothing
  let empty = empties.get(source)
  if (empty?.revision !== source.revision) empties.set(source, empty = stateMessage(emptyText, performance.now(), source.revision))
  return empty
}

/**
 * What leads a client that comes back from the state that it has to now: what leads a member from there, and says so; or
 * the whole, which says nothing.
 *
 * @param message - what leads from there; undefined: nothing has changed
 * @param since - an older revision that it leads from as well
 */
export function resumingMessage (source: Source, message: EncodedMessage | undefined, since: number): EncodedMessage {
  if (message !== undefined && message === wholes.get(source)?.message?.deref()) return message
  return (message ?? emptyMessage(source)).with(`"since":${since}`)
}

interface Whole { readonly revision: number, readonly size: number, message: Kept | undefined }

/** A message that is kept, or only until the garbage is collected: with all that is made of it, it takes several times the state. */
interface Kept { deref (): EncodedMessage | undefined }

const keep = (source: Source, message: EncodedMessage): Kept => source.isPassing ? new WeakRef(message) : { deref: () => message }

const wholes = new WeakMap<Source, Whole>()

/** The message that carries the whole state, made once for each revision that somebody joins at. */
export function wholeMessage (source: Source): EncodedMessage {
  const kept = wholes.get(source)
  const known = kept?.revision === source.revision ? kept.message?.deref() : undefined
  if (known !== undefined) return known
  const began = performance.now()
  const text = source.stringify()
  const message = stateMessage(`[{"op":"replace","path":"","value":${text}}]`, began, source.revision)
  wholes.set(source, { revision: source.revision, size: text.length, message: keep(source, message) })
  return message
}

/** About the length of the whole in characters: as it was when it was last made, which may be long ago. */
export function wholeSize (source: Source): number {
  let kept = wholes.get(source)
  if (kept === undefined) {
    kept = { revision: source.revision, size: source.stringify().length, message: undefined }
    wholes.set(source, kept)
  }
  return kept.size
}

/** The state has changed: the message of the whole is let go, since it may be as large as the state. */
export function outdateWhole (source: Source): void {
  const whole = wholes.get(source)
  if (whole !== undefined) whole.message = undefined
  absolutes.delete(source)
  empties.delete(source)
}
