/** Looks at a file again and again, and tells when it has changed. */
import { stat } from 'node:fs/promises'

/** What a file looked like. */
export interface Look {
  /** Differs whenever the file does. */
  readonly key: string
  /** Which file it is; `undefined` where there is none. */
  readonly file: string | undefined
  /** Whether it was written before it came here: renaming changes the time of the entry alone. */
  readonly renamed: boolean
}

/** Everything about a file that changes with its content. Links are followed. */
export async function lookAt (path: string): Promise<Look> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    const file = `${dev} ${ino}`
    return { key: `${file} ${size} ${mtimeNs} ${ctimeNs}`, file, renamed: ctimeNs > mtimeNs }
  } catch (error) {
    return { key: String((error as NodeJS.ErrnoException).code), file: undefined, renamed: false }
  }
}

/**
 * Calls the listener when a file has changed and looked the same twice: a file half written is not taken. `fs.watch`
 * misses files that are replaced by renaming, and mounts of containers; a `stat` does not. Keeps no process alive.
 *
 * @param interval - time in ms between two looks
 * @param onChange - must not reject
 * @returns a function that ends it
 */
export async function watchFile (path: string, interval: number, onChange: () => Promise<void>): Promise<() => void> {
  let settled = (await lookAt(path)).key
  let seen = settled
  let ended = false
  let timer: NodeJS.Timeout
  const poll = async (): Promise<void> => {
    const { key, file } = await lookAt(path)
    const isSteady = key === seen
    seen = key
    if (!ended && isSteady && key !== settled && file !== undefined) {
      settled = key
      await onChange()
    }
    if (!ended) timer = setTimeout(() => { void poll() }, interval).unref()
  }
  timer = setTimeout(() => { void poll() }, interval).unref()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
