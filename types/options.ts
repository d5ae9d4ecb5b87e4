/** Contracts of the plugin's options. Durations are milliseconds, sizes bytes. Defaults: `defaultOptions` in lib/server/options.ts. */
import type { FastifyRequest, RouteOptions, RouteShorthandOptions } from 'fastify'
import type { Limits } from './limits.ts'
import type { Framing } from './protocol.ts'
import type { ReadableState } from './state.ts'
import type { ViewRules } from './views.ts'

/** Chooses the state of a connection from its upgrade request, before the upgrade. What it throws is the HTTP status. */
export type StateSelector = (request: FastifyRequest) => ReadableState<unknown> | Promise<ReadableState<unknown>>

/** Whether an `Origin` may upgrade. */
export type OriginCheck = (origin: string, request: FastifyRequest) => boolean | Promise<boolean>

export interface FastifyJugglerOptions {
  /** Prefix of every route of this registration. */
  prefix?: string
  /** Path of the WebSocket route, under the prefix. @defaultValue `'/ws'` */
  wsPath?: string
  /**
   * The state shared by all connections, or a function that chooses one for each connection (rooms, tenants).
   * Without it each connection has its own, initially `null`.
   */
  state?: ReadableState<unknown> | StateSelector
  /**
   * Longest time in ms before a change is sent: the first unsent change opens a window, at whose end one diff goes.
   * `0`: every change is sent by itself. `null`: only `connection.flush()` sends. Longer windows merge more and cost less.
   * @defaultValue `200`
   */
  autoflushDelay?: number | null
  /**
   * Whether the first change after a quiet window goes at the end of its turn, and only those that follow wait for the
   * window's end: a button's effect is seen at once, a flood costs what it costs without.
   * @defaultValue `false`
   */
  autoflushLeading?: boolean
  /** `false`: a connection's requests run one after the other; `true`: at once. @defaultValue `false` */
  parallelRequests?: boolean
  /** Folder served at `/` under the prefix: a file URL, absolute, or relative to the working directory. Checked at start. */
  staticDir?: string | URL
  /** Where `/` redirects to (302), under the prefix; `null`: no redirect. @defaultValue `'/index.html'` where `staticDir` is set */
  indexPath?: string | null
  /**
   * Whether page loads of paths that are no file get the index page (200), as single-page apps need it; `/` then serves
   * the page instead of redirecting to it. Needs `staticDir`. @defaultValue `false`
   */
  spaFallback?: boolean
  /**
   * Path of the plugin's `/` as browsers see it, where a proxy strips or changes a prefix, such as `'/panel'`.
   * @defaultValue what a trusted `X-Forwarded-Prefix` says, else unknown
   */
  publicPath?: string
  /** Whether what this plugin serves over HTTP carries `Cache-Control: no-cache`. @defaultValue `true` */
  noCache?: boolean
  /** htpasswd file for HTTP Basic authentication; without it there is none. */
  htpasswdFile?: string | URL
  /** Whether the htpasswd file is read again when it changes. @defaultValue `true` */
  htpasswdReload?: boolean
  /** Key of the ticket cookies, at least 32 bytes. @defaultValue derived from the htpasswd file */
  ticketSecret?: string | Uint8Array
  /** Which `Origin` may upgrade: `true` (any), a list, a function. @defaultValue same origin */
  allowedOrigins?: true | readonly string[] | OriginCheck
  /** `Host` values accepted; the defence against DNS rebinding. @defaultValue any */
  allowedHosts?: readonly string[]
  /** Whether `connection.remote` may come from `Forwarded` where the app's `trustProxy` trusts the peer. @defaultValue `false` */
  trustForwarded?: boolean
  /** Routes registered in the same scope, under the same authentication. @defaultValue `[]` */
  additionalRoutes?: readonly RouteOptions[]
  /** Hooks and config of the WebSocket route (`onRequest`, `preValidation`, …), for other ways of authentication. */
  route?: Pick<RouteShorthandOptions,
    'onRequest' | 'preParsing' | 'preValidation' | 'preHandler' | 'schema' | 'config' | 'constraints' | 'errorHandler' | 'logLevel'>
  /**
   * Longest wait in ms for closing handshakes when the app closes; then sockets are terminated. After
   * `connection.close()` also the longest wait for the answers of handlers that run.
   * @defaultValue `100`
   */
  shutdownTimeout?: number
  /**
   * Longest wait in ms for request handlers that run when the app closes, or a connection is drained; then their
   * `signal` aborts. Meanwhile their connections stay open and in sync, and further requests are answered with
   * `JUGGLER_CLOSING`. `0`: none.
   * @defaultValue `5000`
   */
  handlerTimeout?: number
  /** Framing of connections that do not choose with `?framing=`. `'auto'` waits for the client's first frame. @defaultValue `'plain'` */
  framing?: Framing | 'auto'
  /** `framing: 'auto'`: how long in ms to wait for that frame before `'plain'` is taken. @defaultValue `200` */
  framingTimeout?: number
  /** Segmented framing: longest payload of a segment, in characters of text. @defaultValue `65536` */
  maxSegmentSize?: number
  /** Quiet time in ms before a ping; `null`: no keepalive. @defaultValue `30000` */
  pingDelay?: number | null
  /** Wait in ms for any traffic after a ping before the connection is taken for dead. @defaultValue `30000` */
  pingTimeout?: number
  /** Largest message from a client in bytes, reassembled. @defaultValue `4194304` */
  maxPayload?: number
  /** Unsent output of a connection in bytes beyond which state sync and `notify` wait. @defaultValue `1048576` */
  maxBufferedBytes?: number
  /** Bytes of notifications and responses that may wait behind that; beyond it the connection is closed (4429). @defaultValue `16777216` */
  maxQueuedBytes?: number
  /** permessage-deflate with shared frames. Off by default: reflected input beside secrets is unsafe to compress. @defaultValue `false` */
  compression?: boolean
  /** Whether the browser client is served at `<wsPath>/client.js`. @defaultValue `true` */
  serveClient?: boolean
  /** Whether messages of a handler's unexpected errors reach the client; `false`: a reference id that is logged. @defaultValue `true` */
  exposeErrors?: boolean
  /** How long in ms the outcome of a command is remembered: longest time in which a repeat is answered. @defaultValue `600000` */
  onceWindow?: number
  /**
   * How long in ms a client may be away and get only what has changed meanwhile, not the whole state. Where the state was
   * touched in that time is kept in memory, once for all clients. `0`: clients get the whole. @defaultValue `120000`
   */
  resumeWindow?: number
  /**
   * Least time in ms between two checks that a client's state is the server's: a message of the state carries a digest
   * of one piece after the other. What a client is sent when it comes back always has one. `null`: no checks.
   * @defaultValue `30000`
   */
  checkInterval?: number | null
  /**
   * Whose command a key names: the same key of another user is another command. Asked once for each connection that
   * sends commands; `undefined` makes them the client's own.
   * @defaultValue `request.jugglerUser`
   */
  user?: (request: FastifyRequest) => string | undefined
  /**
   * Which of the `views` a client has: called once for each upgrade, behind all hooks, so that it can ask what those
   * found out. An upgrade for whose key there are no rules is refused with 403, and logged.
   */
  view?: (request: FastifyRequest) => string | Promise<string>
  /**
   * What clients of each view may see of the state; nothing else of it reaches them. Together with `view`.
   * @defaultValue everybody sees everything
   */
  views?: Readonly<Record<string, ViewRules>>
  /** What peers may make the server spend, each member with a default of its own. */
  limits?: Limits
  /** The decorator's name, so that several registrations can live in one app. @defaultValue `'juggler'` */
  name?: string
}
