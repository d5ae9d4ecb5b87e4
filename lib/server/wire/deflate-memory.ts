/** Deflates messages that follow each other, each with the one before it as dictionary: once for all who have that one. */
import { deflateBehind, windowSize } from './deflate.ts'
import { payloadFrames } from './ws-frame.ts'

/** What deflating may add to a short text that nothing is like: so much is paid for bringing a socket in step. */
const mostAdded = 16

/**
 * Names what a socket's peer has in its window: the message that was last deflated for it. 0: something that nobody
 * refers to.
 */
export type Window = number

let lastWindow = 0

/** A message as it goes to sockets whose peers remember: with what is before it in their window, or by itself. */
export class RememberedFrames {
  /** What a peer has in its window once it has read the message; the same as before where it goes as it is. */
  readonly window: Window | undefined
  /** Whose window it refers to. */
  readonly #before: Window
  readonly #payload: Buffer
  readonly #behind: readonly Buffer[]
  #alone: readonly Buffer[] | undefined

  /**
   * @param payload - of one frame
   * @param before - the message before it; undefined: there is none
   */
  constructor (payload: Buffer, before: Remembered | undefined) {
    this.#payload = payload
    this.#before = before?.window ?? 0
    const deflated = deflateBehind(payload, before?.tail)
    const isWorthIt = deflated.length < payload.length + (before === undefined ? mostAdded : 0)
    this.window = isWorthIt ? ++lastWindow : undefined
    this.#behind = payloadFrames(isWorthIt ? deflated : payload, isWorthIt)
  }

  /** The frame, one buffer, for a socket whose peer has this in its window. */
  framesFor (window: Window): readonly Buffer[] {
    // The first message refers to nothing, and so does what goes as it is.
    if (this.window === undefined || this.#before === 0 || window === this.#before) return this.#behind
    return (this.#alone ??= payloadFrames(deflateBehind(this.#payload), true))
  }
}

interface Remembered { readonly window: Window, readonly tail: Buffer }

/**
 * The last messages of a stream that many sockets get, one for each kind of text. Of each nothing is kept but what the
 * next one may refer to.
 */
export class DeflateMemory {
  #last: Map<string, Remembered> | undefined

  /** Forgets all of it: nobody is there any more. */
  forget (): void {
    this.#last = undefined
  }

  /** The next message of a kind. @param payload - of one frame */
  next (kind: string, payload: Buffer): RememberedFrames {
    this.#last ??= new Map()
    const frames = new RememberedFrames(payload, this.#last.get(kind))
    if (frames.window !== undefined) this.#last.set(kind, { window: frames.window, tail: payload.length > windowSize ? Buffer.from(payload.subarray(-windowSize)) : payload })
    return frames
  }
}
