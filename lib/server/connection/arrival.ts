/** What a connection is given: what all of a registration have in common, and what each brings along. */
import type { FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { JsonValue } from '../../../types/json.ts'
import type { Framing } from '../../../types/protocol.ts'
import type { Connection } from '../../../types/server.ts'
import type { State } from '../../../types/state.ts'
import type { Store } from '../../state/store/store.ts'
import type { Monitor, Traffic } from '../operations/monitor.ts'
import type { RequestSettings } from '../requests/request-owner.ts'
import type { Announcements } from '../sync/announcements.ts'
import type { Codecs } from '../wire/codecs.ts'
import type { OutboxLimits } from '../wire/outbox-owner.ts'
import type { OutputHolder } from '../wire/output-budget.ts'
import type { FrameSink } from '../wire/sending-socket.ts'
import type { PathSet } from '../views/path-set.ts'
import type { ChosenView, SightSettings } from '../views/sight.ts'
import type { Lifecycle, LifecycleSettings } from './lifecycle.ts'

/** A connection to whoever keeps the list of those that end. */
export type EndingConnection = Lifecycle & OutputHolder & { readonly facade: Connection, readonly remote: string, readonly traffic: Traffic }

/** What all connections of a registration have in common. */
export interface ConnectionSettings extends LifecycleSettings, OutboxLimits, RequestSettings, Pick<SightSettings, 'resumeWindow'> {
  readonly limits: RequestSettings['limits'] & SightSettings['limits']
  readonly monitor: Monitor
  readonly autoflushDelay: number | null
  readonly autoflushLeading: boolean
  /** Least time in ms between two checks of clients that may come back; null: none. */
  readonly checkInterval: number | null
  readonly framingTimeout: number
  readonly codecs: Codecs
  /** The name of the memory of commands. */
  readonly journal: string
  readonly announcements: Announcements
  /** The connection has begun to close. */
  closing (connection: EndingConnection): void
  /** The socket is gone. */
  closed (connection: EndingConnection): void
  /** Whether a client of the other framing is to be mentioned in the log: once for each address. */
  isNewStranger (remote: string): boolean
}

/** The state that a connection sees from the start: what `connection.state` gives, and what is synchronised. */
export interface StateBinding { readonly state: State<JsonValue>, readonly store: Store<unknown> }

/** What a new connection brings along. */
export interface Arrival {
  readonly ws: WebSocket
  /** What frames are written to: the socket that `ws` writes to, or what stands in for it. */
  readonly socket: FrameSink
  readonly request: FastifyRequest
  readonly remote: string
  /** `undefined`: to be learned from the first message. */
  readonly framing: Framing | undefined
  /** `undefined`: a state of its own, once somebody asks for it. */
  readonly state: StateBinding | undefined
  /** What it may see; `undefined`: views are not used. */
  readonly view?: ChosenView | undefined
  /** The parts that it asks for; `undefined`: all. */
  readonly paths?: PathSet | undefined
}
