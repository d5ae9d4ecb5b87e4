/** Requests with a key: sent again after a lost connection, until their outcome is known. docs/commands.md. */
import type { SendOptions } from '../../types/client.ts'
import type { ResponseMessage } from '../../types/protocol.ts'
import { JugglerError } from '../errors.ts'
import { stringify } from '../protocol/messages.ts'
import { refuse } from '../refuse.ts'
import { checkInteger } from './options.ts'

/** How long after its call a command may begin to run, in ms: nobody expects a pump to start minutes later. */
const defaultExpires = 10_000

/** Codes of a server that closes for what it was sent: too large, malformed, over a limit. */
const refusing = [1009, 4400, 4429]

/** After so many of those in a row for one command it is not asked again: it would be so for ever. */
const mostRefusals = 3

/** How long a clock that the server has told is relied on, in ms: clocks drift, and that of a machine that sleeps stands still. */
const clockTrust = 60_000

/** A request, be it a command or not. */
export interface Request {
  /** Sends it. @param members - further ones, as JSON, each with a comma before it */
  write (members: string): void
  fail (error: Error): void
  /** Of a command: the key and the expected value, as JSON members. */
  members?: string
  /** By the clock here, in ms. */
  deadline?: number
  /** Whether it must not be run by a server that does not look at the deadline and the expected value. */
  guarded?: boolean
  /**
   * The memory that it was first sent to, and the deadline by that server's clock, as JSON members. The memory forgets it
   * some time after that deadline: with another one, a repeat may be taken for a command that has never come.
   */
  journal?: string | undefined
  /** Whether it was sent on this connection, and on one before. */
  sent?: boolean
  again?: boolean
  /** How many connections the server has closed for what it was sent there, this the first without an answer. */
  refusals?: number
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
  /** The answer to a probe came: it tells where the server stands, by silence too. */
  told (answer: ResponseMessage): void
  /** A command has not been run, since its server is about to close: it goes to the next one, as if for the first time. */
  postpone (command: Request): void
  /** A connection is open. */
  opened (): void
  /**
   * The connection is gone: what cannot be sent, or sent again, fails.
   *
   * @param clean - whether the server has closed it, and has run what it has answered and no more
   * @param code - with which it was closed
   */
  lost (error: Error, forGood: boolean, clean: boolean, code: number): void
}

/** A name that nobody else has. `randomUUID` is not there on pages without TLS. */
export const randomName = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')

/** @param probe - asks the server where it stands: an echo with a key */
export function createCommands (probe: () => void): Commands {
  /** Those whose outcome is not known. */
  const commands = new Set<Request>()
  /** What waits for the answer to the probe. */
  let line: Set<Request> | undefined
  /** What the server of this connection has told. */
  let known: { readonly journal: unknown, readonly ahead: number, readonly since: number } | undefined

  const postpone = (command: Request): void => {
    command.sent = false
    command.journal = undefined
  }

  const start = (request: Request): void => {
    const { members } = request
    if (line) {
      line.add(request)
    } else if (!members) {
      request.write('')
    } else if (known && Math.abs(Date.now() - known.since) < clockTrust) {
      write(request, known.journal, known.ahead)
    } else {
      line = new Set([request])
      probe()
    }
  }

  const write = (command: Request, journal: unknown, ahead: number): void => {
    command.sent = true
    if (typeof journal === 'string' && !isNaN(ahead)) {
      command.journal ??= `,"journal":${JSON.stringify(journal)},"expires":${Math.round(command.deadline! + ahead)}`
      command.write(command.members! + command.journal)
    } else if (command.journal) command.fail(failure('JUGGLER_OUTCOME_UNKNOWN'))
    else if (command.guarded) command.fail(failure('JUGGLER_COMMANDS_UNSUPPORTED'))
    else command.write(command.members!)
  }

  return {
    send (request, options) {
      if (options) {
        const { key, expires = defaultExpires, expect } = options
        if (key !== true && (typeof key !== 'string' || !key || key.length > 128)) refuse('key', key, '1-128 characters')
        checkInteger('expires', expires)
        request.members = `,"key":${JSON.stringify(key === true ? randomName() : key)}${expect ? `,"expect":${stringify(expect)}` : ''}`
        request.deadline = performance.now() + expires
        request.guarded = !!(expect || options.expires)
        commands.add(request)
      }
      start(request)
      return () => {
        commands.delete(request)
        line?.delete(request)
      }
    },

    told ({ journal, now }) {
      // An answer that took long to come makes the server's clock seem late, and a command expire early, not late.
      known = { journal, ahead: now as number - performance.now(), since: Date.now() }
      const waiting = line
      line = undefined
      waiting?.forEach(start)
    },

    postpone,

    opened () {
      known = line = undefined
      for (const command of commands) {
        command.sent = false
        command.again = !!command.journal
        start(command)
      }
    },

    lost (error, forGood, clean, code) {
      if (refusing.includes(code)) {
        // Servers answer in order: what they cannot stand is the first that they have not answered.
        const [first] = [...commands].filter(({ sent }) => sent)
        if (first && (first.refusals = (first.refusals ?? 0) + 1) === mostRefusals) first.fail(failure('JUGGLER_OUTCOME_UNKNOWN'))
      }
      line?.forEach((request) => { if (!request.members) request.fail(error) })
      line = undefined
      for (const command of commands) {
        // One that was sent before as well may be running since then.
        if (clean && !command.again) postpone(command)
        if (forGood || (command.sent && !command.journal)) command.fail(error)
      }
    }
  }
}

/** As the server's own refusals: a program finds the code in the data. */
const failure = (code: string): JugglerError => new JugglerError({ code, message: code }, code)
