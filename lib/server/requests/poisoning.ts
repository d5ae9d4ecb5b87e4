/** Applies what the app's `onProtoPoisoning` and `onConstructorPoisoning` say about bodies to the data of requests. */
import { scan } from 'secure-json-parse'
import type { JsonValue } from '../../../types/json.ts'
import { JugglerError } from '../../errors.ts'

type Action = 'error' | 'remove' | 'ignore'

/**
 * Removes or refuses members called `__proto__`, and `constructor` with a `prototype`, which harm code that copies
 * members carelessly.
 *
 * @param text - the message that the data came in
 * @throws JugglerError where the app refuses them
 */
export type PoisoningGuard = (data: JsonValue, text: string) => void

const ignoreAll: PoisoningGuard = () => {}

export function poisoningGuard (protoAction: Action = 'error', constructorAction: Action = 'error'): PoisoningGuard {
  if (protoAction === 'ignore' && constructorAction === 'ignore') return ignoreAll
  return (data, text) => {
    // Nearly no message holds either name; spelled with escapes they hold a backslash and a u.
    if (typeof data !== 'object' || data === null || !(text.includes('__proto__') || text.includes('constructor') || text.includes('\\u'))) return
    try {
      scan(data as object as Record<string, unknown>, { protoAction, constructorAction })
    } catch {
      throw new JugglerError('the data holds a forbidden member: __proto__ or constructor.prototype')
    }
  }
}
