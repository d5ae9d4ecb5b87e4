/** What is remembered of commands, so that none runs twice. */

/** How a command ended, as it is told to whoever asks again; `text` is the answer's data as JSON. */
export interface CommandOutcome { readonly success: boolean, readonly text: string }

/** What the memory knows of a command. */
export type Claim =
  /** Nothing: it is to be run, and then settled or released. */
  | { readonly kind: 'new' }
  /** It runs, or has run. Undefined: it was released meanwhile. */
  | { readonly kind: 'known', readonly outcome: CommandOutcome | Promise<CommandOutcome | undefined> }
  /** It has run, and its outcome had to make room. */
  | { readonly kind: 'evicted' }
  /** Another command has this name. */
  | { readonly kind: 'different' }
  /** Nothing, and there is no room to remember it, so that it must not be run. */
  | { readonly kind: 'full' }

/** Where commands are remembered. One of another kind may be shared by several servers. */
export interface CommandMemory {
  /** Its name: what is not in this memory may be in another one. */
  readonly journal: string
  /**
   * @param name - of the command, unique among all users
   * @param digest - of what is asked for, an integer of up to 53 bits
   * @param lifetime - how long to remember it, in ms, from now
   */
  claim (name: string, digest: number, lifetime: number): Claim | Promise<Claim>
  /** The command that was claimed has run. */
  settle (name: string, outcome: CommandOutcome): void | Promise<void>
  /** The command that was claimed was not run: it is as if it had never come. */
  release (name: string): void | Promise<void>
}
