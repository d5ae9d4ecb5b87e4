/** Requests with a key: sent again after a lost connection, until their outcome is known. docs/commands.md. */
import type { SendOptions } from '../../types/client.ts'
import type { ResponseMessage } from '../../types/protocol.ts'
import { JugglerError } from '../errors.ts'
import { stringify } from '../protocol/messages.ts'
import { refuse } from '../refuse.ts'
import { checkInteger } from './options.ts'

/** How long after its call a command may begin to run, in ms: nobody expects a pump to start minutes later. */
const defaultExpires = 10_000

/** How long a clock that the server has told is relied on, in ms: clocks drift, and that of a machine that sleeps stands still. */
const clockTrust = 60_000

/** Beyond this a timer fires at once. */
const longestTimer = 2 ** 31 - 1

/** What this needs of a request, be it a command or not. */
export interface Request {
  /** Sends it. @param members - further ones, as JSON, each with a comma before it */
  write (members: string): void
  fail (error: Error): void
}

export interface Commands {
  /**
   * Sends a request in its turn: a command waits until the server has told its clock, and what comes after it waits with
   * it. A stop must not overtake the start.
   *
   * @param options - of a command; undefined: it is none
   * @returns what forgets it
   * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
   */
  send (request: Request, options?: SendOptions): () => void
  /** An answer came; that to a probe tells where its server stands, by silence too. */
  told (answer: ResponseMessage, toProbe: boolean): void
  /** A connection is open. */
  opened (): void
  /** The connection is gone: what cannot be sent, or sent again, fails. */
  lost (error: Error, forGood: boolean): void
}

interface Command {
  readonly request: Request
  /** The key and the expected value, as JSON members. */
  readonly members: string
  /** By the clock here, in ms. */
  readonly deadline: number
  /** Whether it must not be run by a server that does not look at the deadline and the expected value. */
  readonly guarded: boolean
  /** The memory that it was first sent to. */
  journal: string | undefined
  /** Whether it was sent on this connection. */
  sent: boolean
}

/** A name that nobody else has. `randomUUID` is not there on pages without TLS. */
export const randomName = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')

/** @param probe - asks the server where it stands: an echo with a key */
export function createCommands (probe: () => void): Commands {
  const commands = new Set<Command>()
  /** What waits for the answer to the probe. */
  let line: Set<Command | Request> | undefined
  /** What the server of this connection has told. */
  let known: { readonly journal: unknown, ahead: number, readonly since: number } | undefined

  /** Sends a command, or puts it, or another request, into the line. */
  const start = (one: Command | Request): void => {
    const isRequest = 'write' in one
    if (line && (line.size || !isRequest)) {
      line.add(one)
    } else if (isRequest) {
      one.write('')
    } else if (known && Math.abs(Date.now() - known.since) < clockTrust) {
      write(one, one.request)
    } else {
      line = new Set([one])
      probe()
    }
  }

  const write = (command: Command, { write, fail }: Request): void => {
    const { journal, ahead } = known!
    command.sent = true
    if (typeof journal === 'string') {
      command.journal ??= journal
      write(`${command.members},"journal":${JSON.stringify(command.journal)},"expires":${Math.round(command.deadline + ahead)}`)
    } else if (command.journal) fail(failure('JUGGLER_OUTCOME_UNKNOWN'))
    else if (command.guarded) fail(failure('JUGGLER_COMMANDS_UNSUPPORTED'))
    else write(command.members)
  }

  return {
    send (request, options) {
      let one: Command | Request = request
      let timer: ReturnType<typeof setTimeout> | undefined
      if (options) {
        const { key, expires = defaultExpires, expect } = options
        if (key !== true && (typeof key !== 'string' || !key || key.length > 128)) refuse('key', key, 'true, or 1 to 128 characters')
        checkInteger('expires', expires)
        const command: Command = one = {
          request,
          members: `,"key":${JSON.stringify(key === true ? randomName() : key)}${expect ? `,"expect":${stringify(expect)}` : ''}`,
          deadline: performance.now() + expires,
          guarded: !!expect || expires !== defaultExpires,
          journal: undefined,
          sent: false
        }
        commands.add(command)
        // A server that never tells its clock must not keep it waiting.
        timer = setTimeout(() => {
          if (!command.sent && !command.journal) request.fail(failure('JUGGLER_EXPIRED'))
        }, Math.min(expires, longestTimer))
      }
      start(one)
      return () => {
        clearTimeout(timer)
        commands.delete(one as Command)
        line?.delete(one)
        // What waited behind it alone goes on.
        for (const next of line ?? []) {
          if (!('write' in next)) return
          line!.delete(next)
          next.write('')
        }
      }
    },

    told ({ journal, now }, toProbe) {
      // An answer that took long to come makes the server's clock seem late, and a command expire early, not late.
      const ahead = typeof now === 'number' ? now - performance.now() : -Infinity
      if (known && ahead > known.ahead) known.ahead = ahead
      if (!toProbe) return
      known = { journal, ahead, since: Date.now() }
      const waiting = line
      line = undefined
      waiting?.forEach(start)
    },

    opened () {
      known = line = undefined
      for (const command of commands) {
        command.sent = false
        start(command)
      }
    },

    lost (error, forGood) {
      line?.forEach((one) => 'fail' in one && one.fail(error))
      line = undefined
      for (const { request, sent, journal } of commands) {
        if (forGood || (sent && !journal)) request.fail(error)
      }
    }
  }
}

/** As the server's own refusals: a program finds the code in the data. */
const failure = (code: string): JugglerError => new JugglerError({ code, message: code }, code)
