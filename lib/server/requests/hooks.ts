/** What the app wants to be told of requests. */
import type { OnErrorHook, OnResponseHook, PreRequestHook } from '../../../types/server.ts'
import { describe } from '../describe.ts'
import { FST_JUGGLER_ARGUMENT_INVALID } from '../errors.ts'

export class Hooks {
  readonly preRequest: PreRequestHook[] = []
  readonly onResponse: OnResponseHook[] = []
  readonly onError: OnErrorHook[] = []
  /** Whether there are any: without them a request is neither timed nor described. */
  some = false

  /** @throws FST_JUGGLER_ARGUMENT_INVALID */
  add (name: string, hook: unknown): void {
    if (name !== 'preRequest' && name !== 'onResponse' && name !== 'onError') {
      throw new FST_JUGGLER_ARGUMENT_INVALID('addHook()', "'preRequest', 'onResponse' or 'onError'", describe(name))
    }
    if (typeof hook !== 'function') throw new FST_JUGGLER_ARGUMENT_INVALID(`addHook('${name}')`, 'a function', describe(hook))
    const hooks: unknown[] = this[name]
    hooks.push(hook)
    this.some = true
  }
}
