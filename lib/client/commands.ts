/** Requests with a key: sent again after a lost connection, until their outcome is known. docs/commands.md. */
import type { SendOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import type { ResponseMessage } from '../../types/protocol.ts'
import { JugglerError } from '../errors.ts'
import { refuse } from '../refuse.ts'
import { checkInteger } from './options.ts'

/** How long after its call a command may begin to run, in ms: nobody expects a pump to start minutes later. */
const defaultExpires = 10_000

/** What commands need of the request that they are. */
export interface CommandRequest {
  /** Sends the request. @param members - further ones, as JSON, each with a comma before it */
  write (members: string): void
  fail (error: Error): void
}

export interface Commands {
  /**
   * Takes a command, to be sent as soon as the server has told its clock.
   *
   * @returns what forgets it
   * @throws JugglerClientError `JUGGLER_OPTION_INVALID`
   */
  add (options: SendOptions, request: CommandRequest): () => void
  /** An answer came; that to a probe tells where its server stands, by silence too. */
  told (answer: ResponseMessage, toProbe: boolean): void
  /** A connection is open. */
  opened (): void
  /** The connection is gone: what of the commands cannot be sent again fails. */
  lost (error: Error, forGood: boolean): void
}

interface Command extends CommandRequest {
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
  /** What the server of this connection has told. */
  let known: { readonly journal: unknown, ahead: number } | undefined
  let asked = false

  const send = (command: Command): void => {
    if (command.sent) return
    if (!known) {
      if (!asked) probe()
      asked = true
      return
    }
    const { journal, ahead } = known
    if (typeof journal !== 'string') {
      if (command.journal) command.fail(failure('JUGGLER_OUTCOME_UNKNOWN', 'the server of before has gone, and this one knows no commands'))
      else if (command.guarded) command.fail(failure('JUGGLER_COMMANDS_UNSUPPORTED', 'the server does not look at expires and expect'))
      else command.write(command.members)
    } else {
      command.journal ??= journal
      command.write(`${command.members},"journal":${JSON.stringify(command.journal)},"expires":${Math.round(command.deadline + ahead)}`)
    }
    command.sent = true
  }

  return {
    add ({ key, expires = defaultExpires, expect }, request) {
      if (key !== true && (typeof key !== 'string' || !key || key.length > 128)) refuse('key', key, 'true or a text of 1 to 128 characters')
      checkInteger('expires', expires)
      const command: Command = {
        ...request,
        members: `,"key":${JSON.stringify(key === true ? randomName() : key)}${expect ? `,"expect":${JSON.stringify(expect)}` : ''}`,
        deadline: performance.now() + expires,
        guarded: !!expect || expires !== defaultExpires,
        journal: undefined,
        sent: false
      }
      commands.add(command)
      send(command)
      return () => commands.delete(command)
    },

    told ({ journal, now }, toProbe) {
      // An answer that took long to come makes the server's clock seem late, and a command expire early, not late.
      const ahead = typeof now === 'number' ? now - performance.now() : -Infinity
      if (known) {
        if (ahead > known.ahead) known.ahead = ahead
      } else if (toProbe) {
        known = { journal, ahead }
        commands.forEach(send)
      }
    },

    opened () {
      known = undefined
      asked = false
      for (const command of commands) {
        command.sent = false
        send(command)
      }
    },

    lost (error, forGood) {
      for (const command of commands) {
        if (forGood || (command.sent && !command.journal)) command.fail(error)
      }
    }
  }
}

/** As the server's own refusals: a program finds the code in the data. */
const failure = (code: string, message: string): JugglerError => new JugglerError({ code, message } as JsonValue, message)
