/** Applies what the app's `onProtoPoisoning` and `onConstructorPoisoning` say about bodies to the data of requests. */
import { scan } from 'secure-json-parse'
import type { JsonValue } from '../../../types/json.ts'
import { JugglerError } from '../../errors.ts'

export type PoisoningAction = 'error' | 'remove' | 'ignore'

/**
 * Removes or refuses members called `__proto__`, and `constructor` with a `prototype`, which harm code that copies
 * members carelessly.
 *
 * @param text - the message that the data came in
 * @throws JugglerError where the app refuses them
 */
export type PoisoningGuard = (data: JsonValue, text: string) => void

const ignoreAll: PoisoningGuard = () => {}

export function poisoningGuard (protoAction: PoisoningAction = 'error', constructorAction: PoisoningAction = 'error'): PoisoningGuard {
  if (protoAction === 'ignore' && constructorAction === 'ignore') return ignoreAll
  return (data, text) => {
    if (typeof data !== 'object' || data === null || !mayHoldPoison(text)) return
    try {
      scan(data as object as Record<string, unknown>, { protoAction, constructorAction })
    } catch {
      throw new JugglerError('the data holds a forbidden member: __proto__ or constructor.prototype')
    }
  }
}

/** A text that spells a name with escapes has at least one of these. */
const escape = '\\u00'

/** A member with one of the names, however each of its characters is spelled. */
const poison = new RegExp(`"(?:${anySpelling('__proto__')}|${anySpelling('constructor')})"\\s*:`)

/**
 * Nearly no message holds either name, and looking for them takes a thousandth of what a walk over the data takes. That
 * something in it is spelled with escapes does not make it suspect.
 */
function mayHoldPoison (text: string): boolean {
  if (text.includes(escape)) return poison.test(text)
  return text.includes('__proto__') || text.includes('constructor')
}

function anySpelling (name: string): string {
  const escaped = (character: string): string => {
    const [sixteens, ones] = character.charCodeAt(0).toString(16)
    return `\\\\u00${sixteens}[${ones}${ones!.toUpperCase()}]`
  }
  return [...name].map((character) => `(?:${character}|${escaped(character)})`).join('')
}
