/** The application that the golden transcripts are written for; test/fixtures/README.md is its contract. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonValue, PathKey } from '../../../types/json.ts'
import type { Application, Peer } from './implementation.ts'
import { implementation } from './harness.ts'

type Handler = (peer: Peer, data: never) => unknown

const handlers: Record<string, Handler> = {
  echo: (_peer, data: JsonValue) => data,
  nothing: () => undefined,
  fail (_peer, message: string) { throw new Error(message) },
  reject (_peer, data: JsonValue) { throw implementation.requestError(data) },
  wait: (_peer, duration: number) => sleep(duration, duration),
  set: (peer, { path, value }: { path: string, value: JsonValue }) => { peer.state.set(path, value) },
  remove: (peer, { path }: { path: string | PathKey[] }) => { peer.state.remove(path) },
  flush: (peer) => peer.flush(),
  notify (peer, { name, data }: { name: string, data: JsonValue }) { peer.notify(name, data) },
  close: (peer) => peer.close()
}

/** How long the server merges changes of the state, in milliseconds. */
export const delayWindow = 200

export const application: Application = {
  autoflushDelay: delayWindow,
  onRequest (peer, name, data) {
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
    if (!handler) throw new Error('request handler not implemented')
    return handler(peer, data as never)
  }
}
