/** What serves the connections of one registration, put together: requests, commands, and the connections themselves. */
import type { Connection } from '../../types/server.ts'
import type { JugglerStats } from '../../types/stats.ts'
import type { Arrival } from './connection/arrival.ts'
import { Connections } from './connection/connections.ts'
import { Monitor } from './operations/monitor.ts'
import type { Settings } from './options.ts'
import { Commands } from './requests/commands/commands.ts'
import { LocalMemory } from './requests/commands/local-memory.ts'
import { Hooks } from './requests/hooks.ts'
import { poisoningGuard } from './requests/poisoning.ts'
import type { PoisoningAction } from './requests/poisoning.ts'
import { Router } from './requests/router.ts'
import { RequestRunner } from './requests/runner.ts'
import { Codecs } from './wire/codecs.ts'

export interface EngineOptions {
  readonly settings: Settings
  /** What the app does with members called `__proto__`, and `constructor` with a `prototype`. */
  readonly poisoning: { readonly onProtoPoisoning?: PoisoningAction, readonly onConstructorPoisoning?: PoisoningAction }
  /** Writes a line of the log that is of no connection. */
  warn (details: object, message: string): void
}

/** Knows neither Fastify's routes nor HTTP: a connection comes with a WebSocket that is open. */
export class Engine {
  readonly router = new Router()
  readonly hooks = new Hooks()
  readonly connections: Connections
  readonly monitor: Monitor
  readonly #commands: LocalMemory
  readonly #runner: RequestRunner
  readonly #settings: Settings
  readonly #shutdown = new AbortController()

  constructor ({ settings, poisoning, warn }: EngineOptions) {
    const { router, hooks } = this
    const monitor = this.monitor = new Monitor(warn)
    const { exposeErrors } = settings
    this.#commands = new LocalMemory()
    const commands = new Commands({ ...settings, memory: this.#commands, monitor, warn: (text) => warn({}, text) })
    const guard = poisoningGuard(poisoning.onProtoPoisoning, poisoning.onConstructorPoisoning)
    this.#settings = settings
    this.#runner = new RequestRunner({
      router, hooks, guard, commands, exposeErrors, floods: monitor.floods, shutdown: this.#shutdown.signal
    })
    this.connections = new Connections({
      ...settings, runner: this.#runner, journal: commands.journal, monitor, warn, codecs: new Codecs(settings)
    })
  }

  /** Takes a connection over; its first message cannot come before this returns. */
  accept (arrival: Arrival): Connection {
    return this.connections.accept(arrival)
  }

  /** What has happened so far, and what is there now. */
  stats (): JugglerStats {
    return {
      ...this.connections.read(),
      running: this.#runner.running,
      requests: this.router.read(),
      commands: this.#commands.size
    }
  }

  /** Turns new connections away. Resolves when no handler runs any more, or has had its time. */
  async retire (): Promise<void> {
    const { handlerTimeout } = this.#settings
    if (handlerTimeout > 0) this.connections.retire()
    await this.#runner.idle(handlerTimeout)
  }

  /** Aborts the handlers that still run, and closes all connections. Resolves when none is left. */
  async close (): Promise<void> {
    this.#shutdown.abort()
    await this.connections.close(this.#settings.shutdownTimeout)
    this.monitor.floods.end()
  }
}
