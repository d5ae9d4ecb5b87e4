/** The channels of `node:diagnostics_channel`: who listens to none pays one look at a flag for each event. */
import { channel } from 'node:diagnostics_channel'
import type { Channel } from 'node:diagnostics_channel'
import type { JugglerChannels, RequestTrace } from '../../../types/stats.ts'

/** A channel with the type of its messages. */
type Typed<Message> = Omit<Channel, 'publish'> & { publish (message: Message): void }

const typed = <Name extends keyof JugglerChannels>(name: Name): Typed<JugglerChannels[Name]> => channel(name)

export const openChannel = typed('juggler:connection:open')
export const closeChannel = typed('juggler:connection:close')
export const flushChannel = typed('juggler:flush')
export const limitChannel = typed('juggler:limit')

// Five channels that belong together, as `tracingChannel` makes them. That calls what it traces, and takes its result
// for the outcome; here a request that fails has a result as well.
const start = typed('tracing:juggler:request:start')
const end = typed('tracing:juggler:request:end')
const asyncStart = typed('tracing:juggler:request:asyncStart')
const asyncEnd = typed('tracing:juggler:request:asyncEnd')
const error = typed('tracing:juggler:request:error')

export const isTraced = (): boolean =>
  start.hasSubscribers || end.hasSubscribers || asyncStart.hasSubscribers || asyncEnd.hasSubscribers || error.hasSubscribers

/**
 * Runs a request, and tells of it. Stores that are bound to `tracing:juggler:request:start` hold in its hooks and its
 * handler, and behind each `await` of these.
 *
 * @param run - sets `result`, `duration` and `error` of the trace before it returns, or before its promise resolves; it
 * neither throws nor rejects
 */
export function traced<T extends string | Promise<string>> (trace: RequestTrace, run: () => T): T {
  const done = (): void => {
    if (trace.result !== 'success' && trace.result !== 'repeated') error.publish(trace)
  }
  const answer = start.runStores(trace, () => {
    const answer = run()
    if (typeof answer === 'string') done()
    return answer
  })
  end.publish(trace)
  if (typeof answer === 'string') return answer
  return answer.then((text) => {
    done()
    asyncStart.publish(trace)
    asyncEnd.publish(trace)
    return text
  }) as T
}
