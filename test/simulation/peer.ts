/** A client of its own kind, as others have written them: it reads what comes to the letter, and says when it is not right. */
import type { JsonValue } from '../../types/json.ts'
import type { Framing, ServerMessage } from '../../types/protocol.ts'
import { applyStrictly } from '../helpers/strict-apply.ts'
import type { News } from './client.ts'
import { fingerprint } from './history.ts'
import { Link } from './link.ts'
import type { LineOptions } from './link.ts'
import type { Side } from './server.ts'
import { ClientSocket } from './sockets.ts'
import type { World } from './world.ts'

export class SimPeer {
  readonly #world: World
  /** What the server speaks with those who say nothing about it. */
  #framing: Framing = 'plain'
  readonly #socket: ClientSocket
  readonly #pongs: boolean
  readonly link: Link
  side: Side | undefined
  #state: JsonValue = null
  #isFirst = true
  #wasOpen = false
  #at = 0
  #part = ''
  #asked = 0
  #lastId = 0
  #lastSaid = 0

  /** @param pongs - whether it answers pings */
  constructor (world: World, pongs: boolean, line: LineOptions) {
    this.#world = world
    this.#pongs = pongs
    const link = this.link = new Link(world.clock, world.runtime, line, world.counts)
    link.isTouched = !pongs || line.bandwidth > 0 || (line.buffer < 10_000 && line.latency > 0)
    world.links.add(link)
    const { ws } = this.#socket = new ClientSocket(link.client, 0, pongs)
    ws.on('error', () => {})
    ws.on('message', (data: Buffer) => this.#message(data.toString()))
    ws.on('open', () => { this.#wasOpen = true })
    ws.on('close', (code) => {
      world.log(() => `peer: closed with ${code}`)
      if (this.#wasOpen && !link.isTouched) world.fail(`a peer lost a connection that nothing has happened to: ${code}`)
    })
    world.arrive(link, this.#socket, new URL('ws://a/ws'), 'peer', (side) => {
      this.side = side
      if (side.server.options.framing === 'segmented') this.#framing = 'segmented'
    })
  }

  get isOpen (): boolean {
    return this.#socket.ws.readyState === 1 && this.side?.connection.isOpen === true
  }

  close (): void {
    this.link.isTouched = true
    this.#socket.ws.close(1000)
  }

  lacks (): string | undefined {
    if (!this.isOpen || this.side === undefined) return undefined
    const { past, sent, received } = this.side
    if (past !== undefined && fingerprint(this.#state) !== past.now) return 'the state of a peer is another one'
    if (sent.length !== received) return 'a peer lacks a notification'
    return undefined
  }

  /** Requests, all at once. */
  ask (names: readonly string[], ms: number): void {
    const { ws } = this.#socket
    if (ws.readyState !== 1) return
    const frames = names.map((name) => {
      const t = this.#world.token(this, name)
      const text = JSON.stringify({ type: 'request', id: ++this.#asked, name, data: { t, ms, edits: [], flush: ms % 2 === 0 } })
      return this.#framing === 'plain' ? text : `0${text}`
    })
    this.link.client.cork()
    for (const frame of frames) ws.send(frame)
    this.link.client.uncork()
  }

  #message (segment: string): void {
    if (this.#framing === 'plain') {
      this.#read(segment)
      return
    }
    const payload = segment.slice(1)
    if (segment[0] === '2' && this.#pongs) this.#socket.ws.send(`3${payload}`)
    if (segment[0] !== '0' && segment[0] !== '1') return
    this.#part += payload
    if (segment[0] === '1') return
    const text = this.#part
    this.#part = ''
    this.#read(text)
  }

  #read (text: string): void {
    const world = this.#world
    world.log(() => `peer: ${text.replace(/,"journal":"[^"]*"/, '')}`)
    try {
      const message = JSON.parse(text) as ServerMessage
      if (message.type === 'state') this.#patched(applyStrictly(this.#state, message.diff as never))
      else if (message.type === 'notify') this.#heard(message.data as unknown as News)
      else this.#answered(message.id as number, message.data)
    } catch (error) {
      world.fail(`a peer cannot read ${text}: ${error}`)
    }
  }

  #patched (state: JsonValue): void {
    this.#state = state
    const { past, pasts } = this.side!
    const start = pasts[0]?.start ?? 0
    if (past === undefined) return
    this.#at = past.find(fingerprint(state), this.#isFirst ? start : this.#at)
    this.#isFirst = false
    if (this.#at === -1) this.#world.fail('a peer is sent a state that the server has not had')
  }

  #heard ({ n, at, m }: News): void {
    const side = this.side!
    const problem = side.hears(n)
    if (problem !== undefined) this.#world.fail(`a peer ${problem}`)
    this.#say(m)
    if (at !== -1 && side.past !== undefined && side.past.find(fingerprint(this.#state), at) === -1) this.#world.fail('a peer is notified of a state that it has not got')
  }

  #answered (id: number, data: JsonValue): void {
    const { options, isLeaving } = this.side!.server
    if (!options.parallelRequests && !isLeaving) {
      if (id !== this.#lastId + 1) this.#world.fail(`a peer is answered request ${id} behind ${this.#lastId}`)
      this.#lastId = id
    }
    this.#say((Object(data) as { m?: number }).m)
  }

  /** What was said at once comes in that order, be it an answer or a notification. */
  #say (m: number | undefined): void {
    // with hooks an answer is made a little later than it is decided
    if (m === undefined || (this.#world.script.hooks && this.side!.server.options.parallelRequests)) return
    if (m <= this.#lastSaid) this.#world.fail(`a peer hears what was said ${m}. behind what was said ${this.#lastSaid}.`)
    this.#lastSaid = m
  }
}
