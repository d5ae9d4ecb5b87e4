/** Makes the request of an open connection small: it is kept for as long as the connection lives. */
import { IncomingMessage } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** Properties that every IncomingMessage has, or that stand for what has been read of it. */
const usual = new Set([...Object.keys(new IncomingMessage(undefined as unknown as Socket)), 'headers', 'client'])

/** Header texts that clients have in common: a fleet of one browser and one host shares one. */
const texts = new Map<string, string>()
/**
 * Texts outlive their connections, and a secret must not: only headers that never hold one make a text that is shared.
 * Of others nobody knows: beside `Authorization` and `Cookie` there are keys of APIs, tokens given as subprotocol, ….
 */
const harmless = /^(?:host|connection|upgrade|origin|user-agent|accept(?:-encoding|-language)?|cache-control|pragma|dnt|priority|sec-(?:gpc|fetch-\w+|ch-ua[\w-]*|websocket-(?:key|version|extensions)))$/i
const maxTexts = 1024
const maxTextLength = 2048

/**
 * What stays of an IncomingMessage once nothing more can come from it: two thirds of one are the state of a stream
 * that has ended, the socket's last chunk, and headers as arrays and objects of strings. Here they are one text, which
 * is taken apart when somebody looks.
 */
class CompactMessage {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly httpVersion: string
  readonly socket: Socket
  readonly #text: string
  /** It differs for each connection, and would keep the rest from being shared. */
  readonly #key: string
  #headers: IncomingHttpHeaders | undefined

  constructor (message: IncomingMessage) {
    this.method = message.method
    this.url = message.url
    this.httpVersion = message.httpVersion
    this.socket = message.socket
    const { rawHeaders } = message
    const at = indexOfKey(rawHeaders)
    this.#key = rawHeaders[at] ?? ''
    const text = JSON.stringify(at === -1 ? rawHeaders : rawHeaders.with(at, ''))
    this.#text = isHarmless(rawHeaders) ? shared(text) : text
    // a hook may have changed them
    if (!sameHeaders(this.#parse(), message.headers)) this.#headers = message.headers
  }

  get rawHeaders (): string[] {
    const rawHeaders = JSON.parse(this.#text) as string[]
    const at = indexOfKey(rawHeaders)
    return at === -1 ? rawHeaders : rawHeaders.with(at, this.#key)
  }

  get headers (): IncomingHttpHeaders {
    return (this.#headers ??= this.#parse())
  }

  get headersDistinct (): NodeJS.Dict<string[]> {
    const headers: NodeJS.Dict<string[]> = Object.create(null)
    const { rawHeaders } = this
    for (let i = 0; i < rawHeaders.length; i += 2) (headers[rawHeaders[i]!.toLowerCase()] ??= []).push(rawHeaders[i + 1]!)
    return headers
  }

  get httpVersionMajor (): number {
    return Number(this.httpVersion.split('.')[0])
  }

  get httpVersionMinor (): number {
    return Number(this.httpVersion.split('.')[1])
  }

  get complete (): boolean {
    return true
  }

  get upgrade (): boolean {
    return true
  }

  #parse (): IncomingHttpHeaders {
    const headers = {}
    const { rawHeaders } = this
    for (let i = 0; i < rawHeaders.length; i += 2) addHeaderLine!.call(this, rawHeaders[i]!, rawHeaders[i + 1]!, headers)
    return headers
  }
}

// Whatever asks for more than the above finds a message that is at its end.
Object.setPrototypeOf(CompactMessage.prototype, IncomingMessage.prototype)

/** How Node makes `headers` of header lines: which are joined, which are lists, of which the first counts. Not public. */
const { _addHeaderLine: addHeaderLine } = IncomingMessage.prototype as unknown as {
  _addHeaderLine?: (this: unknown, name: string, value: string, headers: IncomingHttpHeaders) => void
}

/** Puts a small message in the place of the one that a request was made from, with whatever was put on that. */
export function compactRequest (request: FastifyRequest): void {
  const { raw } = request
  // an injected request is a plain object; and where Node has no such method any more, requests stay as large as they are
  if (!(raw instanceof IncomingMessage) || addHeaderLine === undefined) return
  const compact = new CompactMessage(raw)
  for (const name of Object.keys(raw)) {
    if (!usual.has(name)) Object.defineProperty(compact, name, Object.getOwnPropertyDescriptor(raw, name)!)
  }
  const members = request as unknown as Record<PropertyKey, unknown>
  for (const key of Reflect.ownKeys(request)) if (members[key] === raw) members[key] = compact
}

function indexOfKey (rawHeaders: readonly string[]): number {
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]!.toLowerCase() === 'sec-websocket-key') return i + 1
  return -1
}

function isHarmless (rawHeaders: readonly string[]): boolean {
  return rawHeaders.every((name, i) => i % 2 === 1 || harmless.test(name))
}

function shared (text: string): string {
  if (text.length > maxTextLength) return text
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= maxTexts) texts.clear()
  texts.set(text, text)
  return text
}

function sameHeaders (a: IncomingHttpHeaders, b: IncomingHttpHeaders): boolean {
  const names = Reflect.ownKeys(a) as string[]
  return names.length === Reflect.ownKeys(b).length && names.every((name) => String(a[name]) === String(b[name]))
}
