/** What a light client must say to each server to become a client of it. */
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { clientFrame } from './client-frame.ts'

export interface Dialect {
  /** The path to open, fixed or asked for. */
  path: string | ((port: number) => Promise<string>)
  /** Frames sent as soon as the WebSocket is open. */
  opening: Buffer[]
  /** What is sent in answer to a message of the server's own bookkeeping, told by its first byte and its length. */
  reply?: (first: number, length: number) => Buffer | undefined
  /** An echo request of about the same small data in each dialect. */
  request?: Buffer
  /** Where in that a key of eight digits stands, for commands: each has another one. */
  keyAt?: number
}

const text1 = (value: string): Buffer => clientFrame(1, Buffer.from(value))
const binary = (...bytes: Array<number | string>): Buffer =>
  clientFrame(2, Buffer.concat(bytes.map((part) => typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))))

const json: Dialect = {
  path: '/ws',
  opening: [],
  request: text1('{"type":"request","id":1,"name":"echo","data":{"id":7,"on":true}}')
}

const key = '"key":"'
const onceText = `{"type":"request","id":1,"name":"once","data":{"id":7,"on":true},${key}00000000"}`

const checked: Dialect = { ...json, request: text1('{"type":"request","id":1,"name":"checked","data":{"id":7,"on":true}}') }
const once: Dialect = { ...json, request: text1(onceText), keyAt: text1(onceText).length - onceText.length + onceText.indexOf(key) + key.length }

const socketIo: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  opening: [text1('40')],
  reply: (first, length) => first === 0x32 && length === 1 ? text1('3') : undefined,
  request: text1('421["echo",{"id":7,"on":true}]')
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })
const joinRoom = 10

const colyseus: Dialect = {
  async path (port) {
    const asked = request({ agent, host: '127.0.0.1', port, method: 'POST', path: '/matchmake/joinOrCreate/plant', headers: { 'content-type': 'application/json' } })
    asked.end('{}')
    const answer = await new Promise<string>((resolve, reject) => {
      asked.on('response', (response) => text(response).then(resolve, reject))
      asked.on('error', reject)
    })
    const { processId, roomId, sessionId } = JSON.parse(answer)
    return `/${processId}/${roomId}?sessionId=${sessionId}`
  },
  opening: [],
  reply: (first) => first === joinRoom ? binary(joinRoom) : undefined,
  // A room message: code 13, its type as a string, its data {id: 7, on: true} as MessagePack.
  request: binary(13, 0xa4, 'echo', 0x82, 0xa2, 'id', 7, 0xa2, 'on', 0xc3)
}

const sharedb: Dialect = {
  path: '/',
  opening: [text1('{"a":"hs","id":null,"protocol":1,"protocolMinor":2}'), text1('{"a":"s","c":"plants","d":"plant"}')]
}

const hocuspocus: Dialect = {
  path: '/',
  // Document `plant`: authentication (2) with an empty token; sync (0), step 1 (0), with an empty state vector.
  opening: [binary(5, 'plant', 2, 0, 0), binary(5, 'plant', 0, 0, 1, 0)]
}

export const dialects: Record<string, Dialect> = {
  'ws-string': json,
  'ws-frame': json,
  juggler: json,
  'juggler-views': json,
  'juggler-pages': json,
  'juggler-default': json,
  'juggler-leading': json,
  'juggler-checked': checked,
  'juggler-once': once,
  'fastify-websocket': json,
  'socket-io': socketIo,
  colyseus,
  'colyseus-quantized': colyseus,
  sharedb,
  hocuspocus
}
