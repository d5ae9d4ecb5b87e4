/** The plugin's options: defaults, checks, and the normalised copy that everything else reads. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Limits } from '../../types/limits.ts'
import type { FastifyJugglerOptions } from '../../types/options.ts'
import { isHost, normalizeOrigin } from './http/origins.ts'
import { describe } from './describe.ts'
import { FST_JUGGLER_OPTION_CONFLICT } from './errors.ts'
import { defaultLimits, limitsRule, readLimits } from './limits.ts'
import { boolean, checkMembers, givenMembers, integer, isObject, isText, maxDelay, orNull } from './option-rules.ts'
import type { Rule } from './option-rules.ts'
import { isReadableState } from './sync/readable-state.ts'

/** What holds where an option is left out, or `undefined`. Options that are not here have no default. */
export const defaultOptions = Object.freeze({
  prefix: '',
  wsPath: '/ws',
  autoflushDelay: 200,
  autoflushLeading: false,
  parallelRequests: false,
  spaFallback: false,
  noCache: true,
  htpasswdReload: true,
  trustForwarded: false,
  additionalRoutes: Object.freeze([]),
  route: Object.freeze({}),
  shutdownTimeout: 100,
  handlerTimeout: 5000,
  framing: 'plain',
  framingTimeout: 200,
  maxSegmentSize: 65536,
  pingDelay: 30000,
  pingTimeout: 30000,
  maxPayload: 4194304,
  maxBufferedBytes: 1048576,
  maxQueuedBytes: 16777216,
  compression: false,
  serveClient: true,
  exposeErrors: true,
  onceWindow: 600000,
  resumeWindow: 120000,
  checkInterval: 30000,
  limits: defaultLimits,
  name: 'juggler'
} as const satisfies FastifyJugglerOptions)

/** `indexPath` where `staticDir` is set and `indexPath` is not. */
const defaultIndexPath = '/index.html'

type Optional = 'state' | 'staticDir' | 'htpasswdFile' | 'ticketSecret' | 'allowedOrigins' | 'allowedHosts' | 'publicPath' | 'user' | 'view' | 'views'

/** Checked options, every default filled in. */
export type Settings =
  & Readonly<Required<Omit<FastifyJugglerOptions, Optional | 'indexPath' | 'limits'>>>
  & Readonly<{ [K in Exclude<Optional, 'staticDir' | 'htpasswdFile'>]: FastifyJugglerOptions[K] }>
  & {
    /** Absolute path. */
    readonly staticDir: string | undefined
    /** Absolute path. */
    readonly htpasswdFile: string | undefined
    readonly indexPath: string | null
    readonly limits: Readonly<Required<Limits>>
  }

const isPath = (value: unknown): boolean => typeof value === 'string' && /^\/[^?#]*$/.test(value)
const isFile = (value: unknown): boolean => isText(value) ? !value.includes('\0') : value instanceof URL && value.protocol === 'file:'

const file: Rule = { test: isFile, expected: 'a path or a file URL' }
const routeKeys = [
  'onRequest', 'preParsing', 'preValidation', 'preHandler', 'schema', 'config', 'constraints', 'errorHandler', 'logLevel'
]

const rules: { readonly [K in keyof Required<FastifyJugglerOptions>]: Rule } = {
  prefix: { test: (value) => value === '' || isPath(value), expected: "a path that starts with '/', without a query" },
  wsPath: { test: isPath, expected: "a path that starts with '/', without a query" },
  state: { test: (value) => typeof value === 'function' || isReadableState(value), expected: 'a state, as createState makes it, or a function that returns one' },
  autoflushDelay: orNull(integer(0, maxDelay)),
  autoflushLeading: boolean,
  parallelRequests: boolean,
  staticDir: file,
  indexPath: { test: (value) => value === null || (isText(value) && /^\/[^/\\]/.test(value)), expected: "null or a path that starts with one '/'" },
  spaFallback: boolean,
  publicPath: {
    test: (value) => typeof value === 'string' && /^\/(?:[^/?#;\\\s]+(?:\/[^/?#;\\\s]+)*\/?)?$/.test(value),
    expected: "a path that starts with one '/', such as '/panel', without a query"
  },
  noCache: boolean,
  htpasswdFile: file,
  htpasswdReload: boolean,
  ticketSecret: {
    test: (value) => (typeof value === 'string' && Buffer.byteLength(value) >= 32) || (value instanceof Uint8Array && value.length >= 32),
    expected: 'a string or Uint8Array of at least 32 bytes',
    secret: true
  },
  allowedOrigins: {
    test: (value) => value === true || typeof value === 'function' || Array.isArray(value),
    expected: "true, an array of origins such as 'https://panel.example' (no path, not 'null'), or a function",
    entry: {
      // URLs allow a star in a host, and it would stand for nothing but itself
      test: (value) => isText(value) && !value.includes('*') && normalizeOrigin(value) !== undefined,
      expected: "an origin such as 'https://panel.example': no path, not 'null', no wildcard (a function can match those)"
    }
  },
  allowedHosts: {
    test: Array.isArray,
    expected: "an array of hosts such as 'panel.local' or '192.0.2.1:8080'",
    entry: {
      test: (value) => isText(value) && isHost(value),
      expected: "a host such as 'panel.local' or '192.0.2.1:8080': no scheme, no path, no wildcard"
    }
  },
  trustForwarded: boolean,
  additionalRoutes: {
    test: Array.isArray,
    expected: 'an array of route options',
    entry: { test: isObject, expected: 'an object of route options' }
  },
  route: {
    test: (value) => isObject(value) && Object.keys(value).every((key) => routeKeys.includes(key)),
    expected: `an object of ${routeKeys.join(', ')}`
  },
  shutdownTimeout: integer(0, maxDelay),
  handlerTimeout: integer(0, maxDelay),
  framing: { test: (value) => value === 'plain' || value === 'segmented' || value === 'auto', expected: "'plain', 'segmented' or 'auto'" },
  framingTimeout: integer(0, maxDelay),
  maxSegmentSize: integer(1, maxDelay),
  pingDelay: orNull(integer(1, maxDelay)),
  pingTimeout: integer(1, maxDelay),
  // ws takes it for a 32-bit integer
  maxPayload: integer(1, maxDelay),
  maxBufferedBytes: integer(1, Number.MAX_SAFE_INTEGER),
  maxQueuedBytes: integer(0, Number.MAX_SAFE_INTEGER),
  compression: boolean,
  serveClient: boolean,
  exposeErrors: boolean,
  onceWindow: integer(1, maxDelay),
  resumeWindow: integer(0, maxDelay),
  checkInterval: orNull(integer(0, maxDelay)),
  user: { test: (value) => typeof value === 'function', expected: 'a function' },
  view: { test: (value) => typeof value === 'function', expected: 'a function that returns a key of the option views' },
  views: { test: isObject, expected: 'an object of rules, each with allow and perhaps deny' },
  limits: limitsRule,
  name: { test: isText, expected: 'a name' }
}

/** What `fastify.register` takes beside a plugin's own options; `prefix` is one of ours. */
const registerOptions = new Set(['logLevel', 'logSerializers'])

/**
 * Checks options and fills in defaults; the caller's object is only read.
 *
 * @throws FST_JUGGLER_OPTION_INVALID, FST_JUGGLER_OPTION_UNKNOWN, FST_JUGGLER_OPTION_CONFLICT
 */
export function readOptions (options: FastifyJugglerOptions = {}): Settings {
  checkMembers(options, rules, '', registerOptions)
  const given = givenMembers(options, rules)
  const { staticDir, indexPath = staticDir === undefined ? null : defaultIndexPath, htpasswdFile } = given
  const settings: Settings = Object.freeze({
    state: undefined,
    ticketSecret: undefined,
    allowedOrigins: undefined,
    allowedHosts: undefined,
    user: undefined,
    view: undefined,
    views: undefined,
    ...defaultOptions,
    ...given,
    // a prefix that ends in a slash would leave out the path without it, which people type
    prefix: (given.prefix ?? defaultOptions.prefix).replace(/\/+$/, ''),
    staticDir: absolute(staticDir),
    htpasswdFile: absolute(htpasswdFile),
    limits: readLimits(given.limits),
    publicPath: given.publicPath?.replace(/\/$/, ''),
    indexPath
  })
  if (settings.wsPath === '/' && indexPath !== null) {
    throw new FST_JUGGLER_OPTION_CONFLICT('wsPath', `option 'indexPath' (${describe(indexPath)}): both are answered at '/'`)
  }
  if ((settings.view === undefined) !== (settings.views === undefined)) {
    throw settings.view === undefined
      ? new FST_JUGGLER_OPTION_CONFLICT('views', "a missing 'view', which says whose rules hold for a client")
      : new FST_JUGGLER_OPTION_CONFLICT('view', "missing 'views', which say what may be seen")
  }
  if (settings.spaFallback && (staticDir === undefined || indexPath === null)) {
    const missing = staticDir === undefined ? "a missing 'staticDir'" : "option 'indexPath' (null)"
    throw new FST_JUGGLER_OPTION_CONFLICT('spaFallback', `${missing}: it serves the index page of that folder`)
  }
  if (settings.serveClient && /.\/$/.test(settings.wsPath)) {
    throw new FST_JUGGLER_OPTION_CONFLICT('wsPath', "option 'serveClient' where it ends in '/': the served file would connect to the path without it")
  }
  return settings
}

function absolute (file: string | URL | undefined): string | undefined {
  if (file === undefined) return undefined
  return file instanceof URL ? fileURLToPath(file) : resolve(file)
}
