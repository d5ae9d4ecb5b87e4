/** A connection without a network: two sockets, and between them two pipes whose bytes go as the run says. */
import { Duplex } from 'node:stream'
import { cancel } from './clock.ts'
import type { Clock, Timer } from './clock.ts'
import type { Random } from './random.ts'

/** How a line is. */
export interface LineOptions {
  /** Time (ms) on the way. */
  readonly latency: number
  /** Bytes in each ms; 0: as many as there are. */
  readonly bandwidth: number
  /** Bytes that a system keeps of what its side has written. */
  readonly buffer: number
  /** How often what arrives is cut into pieces of any size. */
  readonly pieces: number
}

/** How often (ms) a line that has a bandwidth lets bytes through. */
const interval = 40

type Done = (error?: Error | null) => void

const fault = (code: string): Error => Object.assign(new Error(code), { code })

/** One end. It has what `ws` and the library use of a socket. */
export class SimSocket extends Duplex {
  bytesRead = 0
  #gone = 0
  #chunk: Buffer | undefined
  #done: Done | undefined
  /** What this end writes to, and what it is fed by. */
  out!: Pipe
  in!: Pipe

  /** @param mark - bytes from which on it reads no more while nobody takes them */
  constructor (mark: number) {
    super({ readableHighWaterMark: mark })
  }

  /** As Node has it: what was given to it, gone or not. */
  get bytesWritten (): number {
    return this.#gone + this.writableLength
  }

  setTimeout (): this { return this }
  setNoDelay (): this { return this }

  override _read (): void {
    this.in.wanted()
  }

  override _write (chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    this.#chunk = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    this.#done = done
    this.taken()
  }

  override _writev (chunks: Array<{ chunk: Buffer | string, encoding: BufferEncoding }>, done: Done): void {
    this.#chunk = Buffer.concat(chunks.map(({ chunk, encoding }) => typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk))
    this.#done = done
    this.taken()
  }

  /** The system takes what it has room for. A write leaves as a whole. */
  taken (): void {
    const chunk = this.#chunk
    if (chunk === undefined) return
    const { room } = this.out
    if (chunk.length > room) {
      if (room === 0) return
      this.#chunk = chunk.subarray(room)
      this.#gone += room
      this.out.put(chunk.subarray(0, room))
      return
    }
    const done = this.#done!
    this.#chunk = this.#done = undefined
    this.#gone += chunk.length
    this.out.put(chunk)
    done()
  }

  override _final (done: Done): void {
    this.out.end()
    done()
  }

  override _destroy (error: Error | null, done: Done): void {
    const write = this.#done
    this.#chunk = this.#done = undefined
    write?.(fault('EPIPE'))
    this.out.end()
    this.in.abandoned()
    done(error)
  }
}

/** The way from one end to the other. */
export class Pipe {
  readonly #link: Link
  readonly #to: SimSocket
  readonly #from: SimSocket
  #chunks: Buffer[] = []
  #size = 0
  #ended = false
  #isWanted = true
  #pumping: Timer | undefined
  /** Nothing arrives until then. */
  stalledUntil = 0
  /** How many bytes still arrive before the line breaks; and how it does. */
  cutAfter = Infinity
  cutBy: 'reset' | 'end' = 'reset'

  constructor (link: Link, from: SimSocket, to: SimSocket) {
    this.#link = link
    this.#from = from
    this.#to = to
  }

  get room (): number {
    return Math.max(0, this.#link.line.buffer - this.#size)
  }

  /** Whether bytes are on their way. */
  get isBusy (): boolean {
    return this.#size > 0
  }

  put (chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#size += chunk.length
    this.pump(this.#link.line.latency)
  }

  end (): void {
    if (this.#ended) return
    this.#ended = true
    this.pump(this.#link.line.latency)
  }

  /** The other end reads on. */
  wanted (): void {
    if (this.#isWanted) return
    this.#isWanted = true
    this.pump(0)
  }

  /** The other end is gone. */
  abandoned (): void {
    this.#isWanted = true
    this.pump(this.#link.line.latency)
  }

  pump (delay: number): void {
    const { clock, isDead } = this.#link
    if (isDead) return
    const at = Math.max(clock.now + delay, this.stalledUntil)
    if (this.#pumping !== undefined) {
      if (this.#pumping.at <= at) return
      cancel(this.#pumping)
    }
    this.#pumping = clock.after(at - clock.now, () => {
      this.#pumping = undefined
      this.#arrive()
    })
  }

  /** The line is well again. */
  heal (): void {
    this.stalledUntil = 0
    this.cutAfter = Infinity
    this.pump(0)
  }

  #arrive (): void {
    const { clock, random, line, isDead, counts } = this.#link
    if (isDead) return
    if (clock.now < this.stalledUntil) {
      if (this.#size > 0) counts.stall++
      this.pump(0)
      return
    }
    if (this.#to.destroyed) {
      // who sends to an end that is gone is told so
      if (this.#size > 0) clock.after(line.latency, () => this.#from.destroy(fault('ECONNRESET')))
      this.#chunks = []
      this.#size = 0
      return
    }
    if (this.cutAfter === 0) {
      this.#cut()
      return
    }
    if (!this.#isWanted) return
    if (this.#size === 0) {
      if (this.#ended) this.#to.push(null)
      return
    }
    let count = line.bandwidth === 0 ? this.#size : Math.min(this.#size, line.bandwidth * interval)
    if (count > 1 && random.chance(line.pieces)) count = 1 + random.int(count)
    count = Math.min(count, this.cutAfter)
    this.cutAfter -= count
    this.#deliver(count)
    if (this.cutAfter === 0) {
      this.#cut()
      return
    }
    this.#from.taken()
    if (this.#size > 0 || this.#ended) this.pump(line.bandwidth === 0 ? 0 : interval)
  }

  #cut (): void {
    this.#link.counts.cut++
    this.#link.broken(this.cutBy, this.#to)
  }

  #deliver (count: number): void {
    this.#size -= count
    this.#to.bytesRead += count
    while (count > 0) {
      const chunk = this.#chunks[0]!
      if (chunk.length <= count) this.#chunks.shift()
      else this.#chunks[0] = chunk.subarray(count)
      const part = chunk.subarray(0, count)
      count -= part.length
      if (!this.#to.push(part)) this.#isWanted = false
    }
  }
}

export interface LinkCounts { cut: number, stall: number, halfOpen: number, lateClose: number, slow: number }

export class Link {
  readonly clock: Clock
  readonly random: Random
  readonly line: LineOptions
  readonly counts: LinkCounts
  readonly client: SimSocket
  readonly server: SimSocket
  readonly up: Pipe
  readonly down: Pipe
  /** Nothing arrives any more, and nobody is told. */
  isDead = false
  /** Whether anything has happened to it that may end a connection. */
  isTouched = false
  /** Whether the server does not read. */
  isPaused: () => boolean = () => false

  constructor (clock: Clock, random: Random, line: LineOptions, counts: LinkCounts) {
    this.clock = clock
    this.random = random
    this.line = line
    this.counts = counts
    const mark = Math.min(line.buffer, 16384)
    this.client = new SimSocket(mark)
    this.server = new SimSocket(mark)
    this.up = new Pipe(this, this.client, this.server)
    this.down = new Pipe(this, this.server, this.client)
    this.client.out = this.server.in = this.up
    this.client.in = this.server.out = this.down
    for (const end of [this.client, this.server]) end.on('error', () => {})
  }

  get isOver (): boolean {
    return this.client.destroyed && this.server.destroyed
  }

  /** The line breaks at one end; the other learns of it later. */
  broken (by: 'reset' | 'end', at: SimSocket): void {
    this.isTouched = true
    if (by === 'end') at.push(null)
    else at.destroy(fault('ECONNRESET'))
    const other = at === this.client ? this.server : this.client
    this.clock.after(this.line.latency + this.random.int(20), () => other.destroy(fault('ECONNRESET')))
  }

  cut (up: boolean, bytes: number, by: 'reset' | 'end'): void {
    this.isTouched = true
    const pipe = up ? this.up : this.down
    pipe.cutAfter = bytes
    pipe.cutBy = by
    if (bytes === 0) pipe.pump(0)
  }

  stall (up: boolean, ms: number): void {
    this.isTouched = true
    const pipe = up ? this.up : this.down
    pipe.stalledUntil = Math.max(pipe.stalledUntil, this.clock.now + ms)
  }

  /** What is on its way is lost, and nobody is told. */
  die (): void {
    if (this.isDead || this.isOver) return
    this.counts.halfOpen++
    this.isTouched = true
    this.isDead = true
  }

  /** The client's end breaks now; what it has sent arrives late, and then its end. */
  closeLate (ms: number): void {
    if (this.client.destroyed || this.server.destroyed) return
    this.counts.lateClose++
    this.stall(true, ms)
    this.stall(false, ms)
    this.client.destroy(fault('ECONNRESET'))
  }

  /** The process at one end is gone. */
  crash (): void {
    this.isTouched = true
    this.server.destroy(fault('ECONNRESET'))
  }

  /** The network is well again; ends that had lost one another are told. */
  heal (): void {
    this.up.heal()
    this.down.heal()
    if (!this.isDead) return
    for (const end of [this.client, this.server]) end.destroy(fault('ETIMEDOUT'))
  }
}
