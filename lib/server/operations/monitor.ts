/** What happens in a registration: counted, told to who listens, and summed up in the log where it is too much. */
import type { CloseInfo } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import type { ConnectionCloseMessage, JugglerStats, LimitName } from '../../../types/stats.ts'
import { closeChannel, limitChannel, openChannel } from './channels.ts'
import { Distribution, sizeBounds, timeBounds } from './distribution.ts'
import { Floods } from './floods.ts'

/** What a connection says of itself. */
export type Traffic = Omit<ConnectionCloseMessage, 'connection' | 'code' | 'reason'>

/** What a message of a state has cost so far; whoever takes it down says so in it, so that it is taken down once. */
export interface MessageCost {
  /** What its text took that nobody has taken down, in ms. */
  diffTime: number
  /** What frames of it took that nobody has taken down. */
  encodeTime: number
  /** Whether it has been handed to a connection. */
  isTold: boolean
}

/** @param diffTime - what the text took, in ms */
export const newCost = (diffTime: number): MessageCost => ({ diffTime, encodeTime: 0, isTold: false })

/** The parts of `stats()` that are counted as things happen. */
type Counted = Pick<JugglerStats, 'traffic' | 'flushes' | 'roundTrips' | 'limits'> & {
  readonly connections: Pick<JugglerStats['connections'], 'opened' | 'closed' | 'refused'>
}

export class Monitor {
  /** What of the log clients decide how often it is written. */
  readonly floods: Floods
  #opened = 0
  #refused = 0
  readonly #closed = new Map<number, number>()
  readonly #limits = new Map<LimitName, number>()
  // of connections that have ended
  #messagesReceived = 0
  #messagesSent = 0
  #bytesReceived = 0
  #bytesSent = 0
  // of states
  #deliveries = 0
  #diffTime = 0
  #encodeTime = 0
  readonly #patchBytes = new Distribution(sizeBounds)
  readonly #roundTrips = new Distribution(timeBounds)

  /** @param warn - writes a line of the log */
  constructor (warn: (details: object, message: string) => void) {
    this.floods = new Floods(warn)
  }

  opened (connection: Connection): void {
    this.#opened++
    if (openChannel.hasSubscribers) openChannel.publish({ connection })
  }

  closed (connection: Connection, { code, reason }: CloseInfo, traffic: Traffic): void {
    count(this.#closed, code)
    this.#messagesReceived += traffic.messagesReceived
    this.#messagesSent += traffic.messagesSent
    this.#bytesReceived += traffic.bytesReceived ?? 0
    this.#bytesSent += traffic.bytesSent ?? 0
    if (closeChannel.hasSubscribers) closeChannel.publish({ connection, code, reason, ...traffic })
  }

  /** An upgrade was refused, since the server goes. */
  refused (): void {
    this.#refused++
  }

  /** Something ran into a limit. */
  limit (limit: LimitName, connection?: Connection, remote = connection?.remote): void {
    count(this.#limits, limit)
    if (limitChannel.hasSubscribers) limitChannel.publish({ limit, connection, remote })
  }

  /** A message of a state was handed to a connection. */
  delivered (message: { readonly byteLength: number }, cost: MessageCost): void {
    this.#deliveries++
    if (cost.encodeTime > 0) {
      this.#encodeTime += cost.encodeTime
      cost.encodeTime = 0
    }
    this.#diffTime += cost.diffTime
    cost.diffTime = 0
    if (cost.isTold) return
    cost.isTold = true
    this.#patchBytes.add(message.byteLength)
  }

  /** A ping was answered after so many ms. */
  answered (ms: number): void {
    this.#roundTrips.add(ms)
  }

  /** @param open - traffic of the connections that are there */
  read (open: Iterable<Traffic>): Counted {
    const traffic = {
      messagesReceived: this.#messagesReceived,
      messagesSent: this.#messagesSent,
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#bytesSent
    }
    for (const { messagesReceived, messagesSent, bytesReceived, bytesSent } of open) {
      traffic.messagesReceived += messagesReceived
      traffic.messagesSent += messagesSent
      traffic.bytesReceived += bytesReceived ?? 0
      traffic.bytesSent += bytesSent ?? 0
    }
    const bytes = this.#patchBytes.read()
    return {
      connections: { opened: this.#opened, closed: Object.fromEntries(this.#closed), refused: this.#refused },
      traffic,
      flushes: { messages: bytes.count, deliveries: this.#deliveries, bytes, diffTime: this.#diffTime, encodeTime: this.#encodeTime },
      roundTrips: this.#roundTrips.read(),
      limits: Object.fromEntries(this.#limits)
    }
  }
}

function count<Key> (counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
