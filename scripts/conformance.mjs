// Replays the golden transcripts of test/fixtures/transcripts/ against any server of the protocol and prints TAP.
//
//   node scripts/conformance.mjs ws://127.0.0.1:8080/ws [--framing plain|segmented] [--window ms] [--timeout ms]
//                                                       [--any-close-code] [--only text]
//
// What the server must serve, and the format of the transcripts: test/fixtures/README.md.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import jsonpatch from 'fast-json-patch'
import { WebSocket } from 'ws'

const folder = new URL('../test/fixtures/transcripts/', import.meta.url)

/** Transcripts of messages, which hold in both framings, and those of frames, which are one framing's own. */
const files = {
  plain: { messages: ['requests', 'malformed', 'state'], frames: ['plain'] },
  segmented: { messages: ['requests', 'malformed', 'state'], frames: ['segmented'] }
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    framing: { type: 'string', default: 'plain' },
    window: { type: 'string', default: '200' },
    timeout: { type: 'string', default: '10000' },
    'any-close-code': { type: 'boolean', default: false },
    only: { type: 'string', default: '' }
  }
})
const [url] = positionals
const delayWindow = Number(options.window)
const timeout = Number(options.timeout)
if (positionals.length !== 1 || !Object.hasOwn(files, options.framing) || !(delayWindow > 0) || !(timeout > 0)) {
  console.error('usage: conformance.mjs URL [--framing plain|segmented] [--window ms] [--timeout ms] [--any-close-code] [--only text]')
  process.exit(2)
}

/** One client of one conversation, which shows what arrives in order: frames as text, and the close at the end. */
class Peer {
  #arrived = []
  #wake = () => {}

  constructor (socket) {
    this.socket = socket
    socket.on('message', (data, isBinary) => this.#arrive({ frame: isBinary ? undefined : String(data), at: performance.now() }))
    socket.on('close', (code) => this.#arrive({ close: code, at: performance.now() }))
    socket.on('error', () => {}) // a close follows and says it
  }

  #arrive (event) {
    this.#arrived.push(event)
    this.#wake()
  }

  async next () {
    const deadline = sleep(timeout, 'late', { ref: false })
    while (this.#arrived.length === 0) {
      const woken = new Promise((resolve) => { this.#wake = resolve })
      if (await Promise.race([woken, deadline]) === 'late') throw new Error(`nothing came within ${timeout} ms`)
    }
    return this.#arrived.shift()
  }
}

/** Messages over segmented framing: one segment out, any number in, pings answered. */
class SegmentedMessages {
  #text = ''

  constructor (peer) {
    this.peer = peer
    this.socket = { send: (frame) => peer.socket.send(`0${frame}`), close: (code) => peer.socket.close(code) }
  }

  async next () {
    while (true) {
      const event = await this.peer.next()
      if (event.frame === undefined) return event
      const payload = event.frame.slice(1)
      switch (event.frame[0]) {
        case '0': {
          const frame = this.#text + payload
          this.#text = ''
          return { ...event, frame }
        }
        case '1': this.#text += payload; break
        case '2': this.peer.socket.send(`3${payload}`); break
        case '3': break
        default: throw new Error(`a segment with an unknown header came: ${event.frame}`)
      }
    }
  }
}

/** Plays one conversation; throws where the server does not keep to it. */
async function play (lines, framed) {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 0 })
  const raw = new Peer(socket)
  const peer = framed ? new SegmentedMessages(raw) : raw
  const state = { expected: null, received: null }
  try {
    await Promise.race([once(socket, 'open'), sleep(timeout, undefined, { ref: false }).then(() => { throw new Error('no connection') })])
    let opened = 0
    let before
    for (const line of lines) {
      if (line.direction === 'to-server') {
        if (line.delay === 'window') await sleep(delayWindow * 1.5)
        // Of lines sent together the first one opens the window.
        if (before !== 'to-server') opened = performance.now()
        send(peer.socket, line)
      } else {
        const event = await peer.next()
        check(line, event, state)
        // A window may not end early; how late it ends is the machine's affair. Timers are exact to a millisecond.
        if (line.delay === 'window' && event.at - opened < delayWindow - 2) throw new Error('it came before the end of the window')
      }
      before = line.direction
    }
  } finally {
    socket.terminate()
  }
}

function send (socket, line) {
  if (line.close !== undefined) socket.close(line.close)
  else if (line.binary !== undefined) socket.send(Buffer.from(line.binary, 'base64'), { binary: true })
  else if (line.bytes !== undefined) socket.send(Buffer.from(line.bytes, 'base64'), { binary: false })
  else socket.send(line.frame)
}

/** Compares what came with a line: messages by value, state by its effect, other frames by their text. */
function check (line, event, state) {
  const came = event.close === undefined ? event.frame ?? 'a binary frame' : `a close with ${event.close}`
  if (line.close !== undefined) {
    const { close } = event
    if (close !== line.close && !(options['any-close-code'] && close !== undefined)) throw new Error(`expected a close with ${line.close}, got ${came}`)
    return
  }
  if (event.frame === line.frame) {
    const message = parsed(line.frame)
    if (message?.type === 'state') for (const side of ['expected', 'received']) state[side] = patched(state[side], message.diff)
    return
  }
  const expected = parsed(line.frame)
  const received = parsed(event.frame)
  if (expected === undefined || received === undefined) throw new Error(`expected ${line.frame}, got ${came}`)
  if (expected.type === 'state' && received.type === 'state') {
    state.expected = patched(state.expected, expected.diff)
    state.received = patched(state.received, received.diff)
    if (isDeepStrictEqual(state.expected, state.received)) return
    throw new Error(`expected the effect of ${line.frame}, which is ${JSON.stringify(state.expected)}, got ${came}, which makes ${JSON.stringify(state.received)}`)
  }
  if (!isDeepStrictEqual(expected, received)) throw new Error(`expected ${line.frame}, got ${came}`)
}

/** The message of a frame, whichever framing it has; `undefined` where there is none. */
function parsed (frame) {
  try {
    const value = JSON.parse(frame.startsWith('0') ? frame.slice(1) : frame)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function patched (value, patch) {
  if (!Array.isArray(patch)) throw new Error(`a diff must be an array: ${JSON.stringify(patch)}`)
  const document = { root: structuredClone(value) }
  const operations = patch.map((operation) => ({
    ...operation,
    path: `/root${operation.path}`,
    ...operation.from === undefined ? {} : { from: `/root${operation.from}` }
  }))
  jsonpatch.applyPatch(document, operations, true)
  return document.root
}

function conversations (name) {
  const found = []
  for (const text of readFileSync(new URL(`${name}.jsonl`, folder), 'utf8').split('\n')) {
    if (text === '') continue
    const line = JSON.parse(text)
    if (line.conversation !== undefined) found.push({ title: line.conversation, lines: [] })
    else found.at(-1).lines.push(line)
  }
  return found
}

const { messages, frames } = files[options.framing]
const plan = [
  ...messages.flatMap((name) => conversations(name).map((one) => ({ ...one, name, framed: options.framing === 'segmented' }))),
  ...frames.flatMap((name) => conversations(name).map((one) => ({ ...one, name, framed: false })))
].filter(({ title }) => title.includes(options.only))

console.log('TAP version 14')
console.log(`1..${plan.length}`)
let failures = 0
for (const [index, { title, name, lines, framed }] of plan.entries()) {
  try {
    await play(lines, framed)
    console.log(`ok ${index + 1} - ${options.framing} ${name}: ${title}`)
  } catch (error) {
    failures++
    console.log(`not ok ${index + 1} - ${options.framing} ${name}: ${title}`)
    console.log(`  ---\n  message: ${JSON.stringify(error.message)}\n  ...`)
  }
}
console.log(`# ${plan.length - failures} of ${plan.length} conversations as they should be`)
process.exitCode = failures === 0 ? 0 : 1
