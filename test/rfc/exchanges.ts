/**
 * Cases 29 to 100: what a client sends, byte by byte, and what the server answers. Most speak segmented framing, whose
 * messages can be as short as one byte: a `2…` is answered by a `3…`. The mask is mostly zero, which masks nothing.
 */
import type { Exchange } from './case.ts'

const mask = '00000000'
const deflate = 'permessage-deflate'
/** A request of plain framing, 35 bytes, and its answer, 53. */
const echo = '<{"type":"request","id":1,"name":""}>'
const echoed = '<{"type":"response","id":1,"success":true,"data":null}>'

const failed = (n: number, section: string, holds: string, sends: string, told = 1002): Exchange =>
  ({ n, rfc: 6455, section, holds, sends, gets: `8802 ${told.toString(16).padStart(4, '0')}`, ends: true, told })
const closing = (n: number, code: number, holds: string): Exchange =>
  ({ n, rfc: 6455, section: '5.5.1', holds, sends: `8882 ${mask} ${hex(code)}`, gets: `8802 ${hex(code)}`, ends: true, told: code })
const badCode = (n: number, code: number, section = '7.4.2'): Exchange =>
  failed(n, section, `a close frame with ${code} is an error`, `8882 ${mask} ${hex(code)}`)
const hex = (code: number) => code.toString(16).padStart(4, '0')

export const exchanges: readonly Exchange[] = [
  // what the server writes
  { n: 29, rfc: 6455, section: '5.2', holds: 'a text message of 1 byte: FIN, text, no mask', sends: `8181 ${mask} <2>`, gets: '8101 <3>' },
  { n: 30, rfc: 6455, section: '5.2', holds: '125 bytes have their length in 7 bits', sends: `81fd ${mask} <2> 78*124`, gets: '817d <3> 78*124' },
  { n: 31, rfc: 6455, section: '5.2', holds: '126 bytes have their length in 16 bits', sends: `81fe 007e ${mask} <2> 78*125`, gets: '817e 007e <3> 78*125' },
  { n: 32, rfc: 6455, section: '5.2', holds: '65,535 bytes have their length in 16 bits', sends: `81fe ffff ${mask} <2> 78*65534`, gets: '817e ffff <3> 78*65534' },
  { n: 33, rfc: 6455, section: '5.2', holds: '65,536 bytes have their length in 64 bits, the highest of which is 0', sends: `81ff 0000000000010000 ${mask} <2> 78*65535`, gets: '817f 0000000000010000 <3> 78*65535' },
  { n: 34, rfc: 6455, section: '5.6', holds: 'text goes as UTF-8', sends: `818a ${mask} <2> c3a9 e282ac f09f9880`, gets: '810a <3> c3a9 e282ac f09f9880' },
  { n: 35, rfc: 6455, section: '5.6', holds: 'a response is one text frame', framing: 'plain', sends: `81a3 ${mask} ${echo}`, gets: `8135 ${echoed}` },
  { n: 36, rfc: 6455, section: '5.4', holds: 'answers made in one turn are messages of their own, though they leave in one write', framing: 'plain', sends: `81a3 ${mask} ${echo} 81a3 ${mask} ${echo}`, gets: `8135 ${echoed} 8135 ${echoed}` },
  { n: 37, rfc: 6455, section: '5.4', holds: 'a message over 1 MiB: FIN clear on all fragments but the last, continuation on all but the first, and pings only between them', framing: 'plain', sends: `81ff 0000000000100000 ${mask} <{"type":"request","id":1,"name":"","data":"> 78*1048531 <"}>`, gets: '017f 0000000000040000 <{"type":"response","id":1,"success":true,"data":"> 78*262095 8907 70............ 007f 0000000000040000 78*262144 8907 70............ 007f 0000000000040000 78*262144 8907 70............ 007f 0000000000040000 78*262144 8907 70............ 8006 78*4 <"}> 8907 70............' },
  { n: 38, rfc: 6455, section: '5.5.2', holds: 'a ping of the server: FIN, no mask, no more than 125 bytes', framing: 'plain', server: 'asking', sends: '', gets: '8900' },
  { n: 39, rfc: 6455, section: '5.4', holds: 'a ping of segmented framing is a text message of its own', server: 'asking', sends: '', gets: '8101 <2>' },
  { n: 40, rfc: 6455, section: '5.5.1', holds: 'the close frame of the server: code and reason in 125 bytes, and nothing behind it', framing: 'plain', server: 'impatient', sends: '', gets: '8900 880e 1138 <ping timeout>', ends: true, told: 4408 },
  // ping and pong
  { n: 41, rfc: 6455, section: '5.7', holds: 'the masked ping of the RFC is answered by a pong with its payload', sends: '8985 37fa213d 7f9f4d5158', gets: '8a05 <Hello>' },
  { n: 42, rfc: 6455, section: '5.5.3', holds: 'a ping without a payload gets a pong without one', sends: `8980 ${mask}`, gets: '8a00' },
  { n: 43, rfc: 6455, section: '5.5', holds: 'a ping of 125 bytes is answered', sends: `89fd ${mask} 78*125`, gets: '8a7d 78*125' },
  { n: 44, rfc: 6455, section: '5.5.3', holds: 'several pings are answered in their order', sends: `8981 ${mask} 61 8981 ${mask} 62 8981 ${mask} 63`, gets: '8a01 61 8a01 62 8a01 63' },
  { n: 45, rfc: 6455, section: '5.5.3', holds: 'as a pong may answer the newest ping alone, so of more than 16 pings of segmented framing at once the newest is answered', sends: `8182 ${mask} <2a> `.repeat(19) + `8182 ${mask} <2z>`, gets: '810233618102336181023361810233618102336181023361810233618102336181023361810233618102336181023361810233618102336181023361810233618102337a' },
  { n: 46, rfc: 6455, section: '5.5.3', holds: 'a pong that nobody asked for is not answered', sends: `8a81 ${mask} 78 8181 ${mask} <2>`, gets: '8101 <3>' },
  { n: 47, rfc: 6455, section: '5.4', holds: 'a ping between fragments is answered before the message is whole', sends: `0181 ${mask} <2> 8983 ${mask} <mid> 8085 ${mask} <Hello>`, gets: '8a03 <mid> 8106 <3Hello>' },
  // what the server reads
  { n: 48, rfc: 6455, section: '5.3', holds: 'a mask is taken off', sends: '8186 37fa213d 05b244515b95', gets: '8106 <3Hello>' },
  { n: 49, rfc: 6455, section: '5.4', holds: 'fragments make one message, empty ones too', sends: `0181 ${mask} <2> 0082 ${mask} <He> 0080 ${mask} 8083 ${mask} <llo>`, gets: '8106 <3Hello>' },
  { n: 50, rfc: 6455, section: '5.6', holds: 'a character may be cut by fragments: the message as a whole is UTF-8', sends: `0182 ${mask} <2> c3 8081 ${mask} a9`, gets: '8103 <3> c3a9' },
  { n: 51, rfc: 6455, section: '5.4', holds: 'frames in one segment of TCP are read one by one', sends: `8182 ${mask} <2a> 8980 ${mask} 8182 ${mask} <2b>`, gets: '8102 <3a> 8a00 8102 <3b>' },
  { n: 52, rfc: 6455, section: '5.2', holds: 'a frame may come byte by byte', sends: '8186 37fa213d 05b244515b95', bytewise: true, gets: '8106 <3Hello>' },
  { n: 53, rfc: 6455, section: '5.2', holds: 'a length in more bytes than it needs is read all the same', sends: `81fe 0001 ${mask} <2>`, gets: '8101 <3>' },
  { n: 54, rfc: 6455, section: '7.1.5', holds: 'half a frame, and the end of TCP: the code is 1006, which is never on the wire', sends: `8186 ${mask} <2He>`, fin: true, gets: '', ends: true, told: 1006 },
  { n: 55, rfc: 6455, section: '7.1.5', holds: 'half a header, and the end of TCP', sends: '81fe 00', fin: true, gets: '', ends: true, told: 1006 },
  { n: 56, rfc: 6455, section: '7.1.5', holds: 'half a message, and the end of TCP', sends: `0181 ${mask} <2>`, fin: true, gets: '', ends: true, told: 1006 },
  // what is wrong
  failed(57, '5.1', 'a frame that is not masked is an error', '8101 <2>'),
  failed(58, '5.2', 'opcode 3 is reserved', `8380 ${mask}`),
  failed(59, '5.2', 'opcode 7 is reserved', `8780 ${mask}`),
  failed(60, '5.2', 'opcode 11, of a control frame, is reserved', `8b80 ${mask}`),
  failed(61, '5.2', 'RSV1 where nothing was agreed on is an error', `c181 ${mask} <2>`),
  failed(62, '5.2', 'RSV2 is an error', `a181 ${mask} <2>`),
  failed(63, '5.2', 'RSV3 is an error', `9181 ${mask} <2>`),
  failed(64, '5.4', 'a ping must not be fragmented', `0980 ${mask}`),
  failed(65, '5.4', 'a close frame must not be fragmented', `0880 ${mask}`),
  failed(66, '5.5', 'a control frame is not longer than 125 bytes', `89fe 007e ${mask} 78*126`),
  failed(67, '5.4', 'a continuation of nothing is an error', `8081 ${mask} <2>`),
  failed(68, '5.4', 'no message begins inside another one', `0181 ${mask} <2> 8181 ${mask} <2>`),
  failed(69, '8.1', 'a sequence that is cut is not UTF-8', `8183 ${mask} <2> c328`, 1007),
  failed(70, '8.1', 'a surrogate is not UTF-8', `8184 ${mask} <2> eda080`, 1007),
  failed(71, '8.1', 'more bytes than a character needs are not UTF-8', `8183 ${mask} <2> c080`, 1007),
  failed(72, '8.1', 'a character that the last fragment leaves unfinished', `0182 ${mask} <2> c3 8080 ${mask}`, 1007),
  failed(73, '7.4.1', 'a message over maxPayload is refused by its header alone', `81ff 0000000000400002 ${mask}`, 1009),
  failed(74, '7.4.1', 'fragments count together', `01ff 0000000000400001 ${mask} 32*4194305 8081 ${mask} 32`, 1009),
  failed(75, '5.2', 'a length with the highest bit is refused', `81ff 8000000000000000 ${mask}`, 1009),
  { n: 76, rfc: 6455, section: '7.4.2', holds: 'a binary message is none of the protocol: its own code, with a reason', sends: `8281 ${mask} <2>`, gets: '882e 1130 <binary messages are not part of the protocol>', ends: true, told: 4400 },
  // closing
  { n: 77, rfc: 6455, section: '5.5.1', holds: 'a close frame without a code is answered by one without; 1005 is never on the wire', sends: `8880 ${mask}`, gets: '8800', ends: true, told: 1005 },
  closing(78, 1000, 'a close frame is answered by one with its code'),
  closing(79, 4999, 'so is one with a code of an application'),
  { n: 80, rfc: 6455, section: '5.5.1', holds: 'and with its reason', sends: `8885 ${mask} 03e8 <bye>`, gets: '8805 03e8 <bye>', ends: true, told: 1000 },
  { n: 81, rfc: 6455, section: '5.5.1', holds: 'what comes behind a close frame is not answered', sends: `8882 ${mask} 03e8 8980 ${mask} 8181 ${mask} <2>`, gets: '8802 03e8', ends: true, told: 1000 },
  failed(82, '5.5.1', 'a close frame of one byte is an error', `8881 ${mask} 03`),
  badCode(83, 1004, '7.4.1'),
  badCode(84, 1005, '7.4.1'),
  badCode(85, 1006, '7.4.1'),
  badCode(86, 1015, '7.4.1'),
  badCode(87, 999),
  badCode(88, 2999),
  badCode(89, 5000),
  failed(90, '5.5.1', 'a reason that is not UTF-8 is an error', `8884 ${mask} 03e8 c328`, 1007),
  // deflated messages of clients: the examples of RFC 7692 with the 2 of a ping before their text
  inflated(91, '7.2.3.1', 'a deflated message', `c188 ${mask} 32f248cdc9c90700`, '8106 <3Hello>'),
  inflated(92, '7.2.3.1', 'RSV1 on the first of its fragments alone', `4183 ${mask} 32f248 8085 ${mask} cdc9c90700`, '8106 <3Hello>'),
  inflated(93, '7.2.3.3', 'a block that is not compressed', `c18c ${mask} 00 0600 f9ff <2Hello> 00`, '8106 <3Hello>'),
  inflated(94, '7.2.3.6', 'a message that is not deflated where it could be', `8186 ${mask} <2Hello>`, '8106 <3Hello>'),
  { ...inflated(95, '7.2.3.6', 'an empty block is an empty message', `c181 ${mask} 00`, '8816 1130 <the message is empty>'), framing: 'plain', ends: true, told: 4400 },
  { ...inflated(96, '6.1', 'RSV1 on a continuation is an error', `0181 ${mask} <2> c081 ${mask} 00`, '8802 03ea'), ends: true, told: 1002 },
  { ...inflated(97, '6', 'RSV1 on a control frame is an error', `c980 ${mask}`, '8802 03ea'), ends: true, told: 1002 },
  { ...inflated(98, '7.1.1.2', 'a client that agreed to keep no context must not refer to its last message', `c188 ${mask} 32f248cdc9c90700 c185 ${mask} 3202 1100 00`, '8106 <3Hello> 8802 03ef'), ends: true, told: 1007 },
  { ...inflated(99, '7.2.2', 'what cannot be inflated', `c183 ${mask} ffffff`, '8802 03ef'), ends: true, told: 1007 },
  { ...inflated(100, '8', '86 bytes that inflate to 70,000, where 65,536 are taken', `c1d6 ${mask} ecc13101000000c2a04eeb1fce129e4001 00*67 6f03`, '8802 03f1'), server: 'small', ends: true, told: 1009 }
]

function inflated (n: number, section: string, holds: string, sends: string, gets: string): Exchange {
  return { n, rfc: 7692, section, holds, server: 'deflating', offer: deflate, sends, gets }
}
