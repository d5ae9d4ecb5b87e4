/** A Fastify logger whose lines a test can read and wait for. */
import { EventEmitter, once } from 'node:events'
import { Writable } from 'node:stream'

export interface LogLine { level: number, msg: string, [key: string]: unknown }

export class Logs {
  readonly lines: LogLine[] = []
  readonly #events = new EventEmitter()

  /** For Fastify's option `logger`. */
  get logger (): { level: string, stream: Writable } {
    const write = (chunk: Buffer): void => {
      for (const text of chunk.toString().split('\n').filter(Boolean)) {
        this.lines.push(JSON.parse(text))
        this.#events.emit('line')
      }
    }
    return { level: 'trace', stream: new Writable({ write (chunk, _encoding, done) { write(chunk); done() } }) }
  }

  matching (pattern: RegExp): LogLine[] {
    return this.lines.filter(({ msg }) => pattern.test(msg))
  }

  /** The first line whose message matches, now or later. */
  async line (pattern: RegExp): Promise<LogLine> {
    for (;;) {
      const [found] = this.matching(pattern)
      if (found !== undefined) return found
      await once(this.#events, 'line')
    }
  }
}
