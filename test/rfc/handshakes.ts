/** Cases 1 to 28: the opening handshake, and the negotiation of permessage-deflate. */
import type { Handshake } from './case.ts'
import { upgradeLines } from './wire.ts'

const accept = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const request = upgradeLines('/ws')
/** The request with one line changed, or left out. */
const changed = (name: string, line?: string): string[] =>
  request.flatMap((old) => !old.startsWith(name) ? [old] : line === undefined ? [] : [line])
const offers = (value: string): string[] => [`Sec-WebSocket-Extensions: ${value}`]
const agreed = (params = ''): string[] => offers(`permessage-deflate;${params} client_no_context_takeover`)

export const handshakes: readonly Handshake[] = [
  { n: 1, rfc: 6455, section: '1.3', holds: 'the key of the RFC is answered with its Sec-WebSocket-Accept', status: 101, answer: ['Upgrade: websocket', 'Connection: Upgrade', accept] },
  { n: 2, rfc: 6455, section: '4.2.2', holds: 'no subprotocol is answered with that is not spoken', more: ['Sec-WebSocket-Protocol: chat, superchat'], status: 101, answer: [accept], without: 'Sec-WebSocket-Protocol' },
  { n: 3, rfc: 6455, section: '4.2.1', holds: 'Upgrade and Connection are compared without regard to case, and may hold more', request: changed('Connection', 'Connection: keep-alive, UPGRADE').map((line) => line.replace('Upgrade: websocket', 'Upgrade: WebSocket')), status: 101, answer: [accept] },
  { n: 4, rfc: 6455, section: '4.4', holds: 'another version is refused, and the answer names those that are spoken', request: changed('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 12'), status: 400, answer: ['Sec-WebSocket-Version: 13, 8'] },
  { n: 5, rfc: 6455, section: '4.2.1', holds: 'without a version there is no upgrade', request: changed('Sec-WebSocket-Version'), status: 400, answer: ['Sec-WebSocket-Version: 13, 8'] },
  { n: 6, rfc: 6455, section: '4.2.1', holds: 'without a key there is no upgrade', request: changed('Sec-WebSocket-Key'), status: 400, answer: ['Connection: close'] },
  { n: 7, rfc: 6455, section: '4.2.1', holds: 'a key that is not 16 bytes in base64 is refused', request: changed('Sec-WebSocket-Key', 'Sec-WebSocket-Key: dGhlIHNhbXBsZQ=='), status: 400, answer: ['Connection: close'] },
  { n: 8, rfc: 6455, section: '4.2.1', holds: 'a plain GET is told to upgrade, and to what', request: ['GET /ws HTTP/1.1', 'Host: server.example.com'], status: 426, answer: ['upgrade: websocket', 'connection: Upgrade'] },
  { n: 9, rfc: 6455, section: '4.2.1', holds: 'only GET upgrades', request: changed('GET', 'POST /ws HTTP/1.1'), status: 404, answer: [], without: 'Sec-WebSocket-Accept' },
  { n: 10, rfc: 6455, section: '10.2', holds: 'the origin of another site is refused', more: ['Origin: http://evil.example.com'], status: 403, answer: [], without: 'Sec-WebSocket-Accept' },
  { n: 11, rfc: 6455, section: '4.2.2', holds: 'the origin that the server is asked for is taken', more: ['Origin: http://server.example.com'], status: 101, answer: [accept] },
  { n: 12, rfc: 6455, section: '9.1', holds: 'an extension that nobody offered is not agreed on', server: 'deflating', status: 101, answer: [accept], without: 'Sec-WebSocket-Extensions' },
  { n: 13, rfc: 6455, section: '9.1', holds: 'an extension that the server does not want is left out', more: offers('permessage-deflate'), status: 101, answer: [accept], without: 'Sec-WebSocket-Extensions' },
  { n: 14, rfc: 6455, section: '9.1', holds: 'an extension that nobody knows is left out', server: 'deflating', more: offers('x-webkit-deflate-frame'), status: 101, answer: [accept], without: 'Sec-WebSocket-Extensions' },
  { n: 15, rfc: 6455, section: '9.1', holds: 'a header that breaks the grammar fails the handshake', server: 'deflating', more: offers('permessage-deflate;;'), status: 400, answer: ['Connection: close'] },
  { n: 16, rfc: 7692, section: '7.1.1', holds: 'a server keeps its context where it is not asked to give it up, and may ask the client to', server: 'deflating', more: offers('permessage-deflate'), status: 101, answer: agreed() },
  { n: 17, rfc: 7692, section: '7.1.1', holds: 'both give up their context where the client offers it', server: 'deflating', more: offers('permessage-deflate; server_no_context_takeover; client_no_context_takeover'), status: 101, answer: agreed(' server_no_context_takeover;') },
  { n: 18, rfc: 7692, section: '7.1.2.2', holds: 'a hint that the client can limit its window need not be answered', server: 'deflating', more: offers('permessage-deflate; client_max_window_bits'), status: 101, answer: agreed() },
  { n: 19, rfc: 7692, section: '7.1.2.2', holds: 'a window of the client is answered with one that is not larger', server: 'deflating', more: offers('permessage-deflate; client_max_window_bits=10'), status: 101, answer: agreed(' client_max_window_bits=10;') },
  { n: 20, rfc: 7692, section: '7.1.2.1', holds: 'a window that the client asks of the server is answered', server: 'deflating', more: offers('permessage-deflate; server_max_window_bits=10'), status: 101, answer: agreed(' server_max_window_bits=10;') },
  { n: 21, rfc: 6455, section: '9.1', holds: 'the value of a parameter may be quoted', server: 'deflating', more: offers('permessage-deflate; server_max_window_bits="10"'), status: 101, answer: agreed(' server_max_window_bits=10;') },
  { n: 22, rfc: 7692, section: '5.1', holds: 'of several offers the first that can be taken is', server: 'deflating', more: offers('x-unknown; a=1, permessage-deflate; server_max_window_bits=12, permessage-deflate'), status: 101, answer: agreed(' server_max_window_bits=12;') },
  { n: 23, rfc: 7692, section: '7.1.2.1', holds: 'a window below 8 is never agreed on', server: 'deflating', more: offers('permessage-deflate; server_max_window_bits=7'), status: 400, answer: [], without: 'Sec-WebSocket-Extensions' },
  { n: 24, rfc: 7692, section: '7.1.2.1', holds: 'a window above 15 is never agreed on', server: 'deflating', more: offers('permessage-deflate; server_max_window_bits=16'), status: 400, answer: [], without: 'Sec-WebSocket-Extensions' },
  { n: 25, rfc: 7692, section: '7.1.2.1', holds: 'server_max_window_bits without a value is never agreed on', server: 'deflating', more: offers('permessage-deflate; server_max_window_bits'), status: 400, answer: [], without: 'Sec-WebSocket-Extensions' },
  { n: 26, rfc: 7692, section: '7.1.1.1', holds: 'server_no_context_takeover with a value is never agreed on', server: 'deflating', more: offers('permessage-deflate; server_no_context_takeover=1'), status: 400, answer: [], without: 'Sec-WebSocket-Extensions' },
  { n: 27, rfc: 7692, section: '7', holds: 'an offer with a parameter that nobody knows is never agreed on', server: 'deflating', more: offers('permessage-deflate; unknown'), status: 400, answer: [], without: 'Sec-WebSocket-Extensions' },
  { n: 28, rfc: 7692, section: '7', holds: 'an offer with a parameter that stands there twice is never agreed on', server: 'deflating', more: offers('permessage-deflate; server_no_context_takeover; server_no_context_takeover'), status: 400, answer: [], without: 'Sec-WebSocket-Extensions' }
]
