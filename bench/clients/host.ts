/** A process of real clients, each the peer's own, that apply what they get and show what they have in the end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { answer } from '../children.ts'

/** What a module of this folder exports as default: connects, and returns a function that reads the state. */
export type Connect = (port: number) => Promise<() => unknown>

const modules: Record<string, string> = {
  'ws-string': 'json-patch',
  'ws-frame': 'json-patch',
  'fastify-websocket': 'json-patch'
}

let reads: Array<() => unknown> = []

const methods = {
  async open (server: string, port: number, count: number): Promise<void> {
    const module: { default: Connect } = await import(new URL(`${modules[server] ?? server}.mjs`, import.meta.url).href)
    reads = await Promise.all(Array.from({ length: count }, () => module.default(port)))
  },

  /** Whether every client comes to have this state, within 5 s. */
  async comeTo (expected: unknown): Promise<boolean> {
    for (let tries = 0; tries < 50; tries++) {
      if (reads.every((read) => isDeepStrictEqual(JSON.parse(JSON.stringify(read())), expected))) return true
      await sleep(100)
    }
    return false
  }
}

export type RealHost = typeof methods
answer(methods)
