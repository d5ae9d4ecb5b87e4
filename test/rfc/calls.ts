/** Cases 101 to 110: the functions that make frames. What zlib makes differs between its versions: scenarios inflate it. */
import { textFrame, textFrames, payloadFrames, pingFrame, fragmentSize, maxUnfragmented } from '../../lib/server/wire/ws-frame.ts'
import { deflatePayload, minDeflateLength } from '../../lib/server/wire/deflate.ts'
import type { Call } from './case.ts'

const euros = Buffer.from('€'.repeat(400_000))

export const calls: readonly Call[] = [
  { n: 101, rfc: 6455, section: '5.7', holds: 'the unmasked text message of the RFC', call: () => textFrame('', 'Hello'), begins: ['8105 <Hello>'], lengths: [7] },
  { n: 102, rfc: 6455, section: '5.2', holds: 'an empty text message', call: () => textFrame('', ''), begins: ['8100'], lengths: [2] },
  { n: 103, rfc: 6455, section: '5.5.2', holds: 'a ping', call: () => pingFrame('p1'), begins: ['8902 <p1>'], lengths: [4] },
  { n: 104, rfc: 6455, section: '5.5', holds: 'the longest ping', call: () => pingFrame('x'.repeat(125)), begins: ['897d 78*125'], lengths: [127] },
  { n: 105, rfc: 6455, section: '5.6', holds: 'half a pair of surrogates becomes U+FFFD: what goes is UTF-8', call: () => textFrame('', '\ud83d'), begins: ['8103 efbfbd'], lengths: [5] },
  { n: 106, rfc: 6455, section: '5.4', holds: 'several messages in one buffer are messages of their own', call: () => textFrames('0', ['a', '']), begins: ['8102 <0a> 8101 <0>'], lengths: [7] },
  { n: 107, rfc: 6455, section: '5.4', holds: '1 MiB is one frame', call: () => payloadFrames(Buffer.alloc(maxUnfragmented, 'x'), false), begins: ['817f 0000000000100000 78'], lengths: [maxUnfragmented + 10] },
  { n: 108, rfc: 6455, section: '5.6', holds: 'fragments may cut a character, since the message as a whole is UTF-8', call: () => payloadFrames(euros, false), begins: ['017f 0000000000040000 e282ac', '007f 0000000000040000 82ace2', '007f 0000000000040000 ace282', '007f 0000000000040000 e282ac', '807f 0000000000024f80 82ace2'], lengths: [...Array.from({ length: 4 }, () => fragmentSize + 10), euros.length - 4 * fragmentSize + 10] },
  { n: 109, rfc: 7692, section: '6.1', holds: 'RSV1 stands on the first fragment of a deflated message, and on no other', call: () => payloadFrames(euros, true), begins: ['417f', '007f', '007f', '007f', '807f'], lengths: [...Array.from({ length: 4 }, () => fragmentSize + 10), euros.length - 4 * fragmentSize + 10] },
  { n: 110, rfc: 7692, section: '7.2.1', holds: 'a payload that would not become shorter is not deflated', call: () => [deflatePayload(Buffer.alloc(minDeflateLength - 1)) ?? Buffer.from('raw'), deflatePayload(Buffer.from(Array.from({ length: 256 }, (_, i) => i))) ?? Buffer.from('raw')], begins: ['<raw>', '<raw>'], lengths: [3, 3] }
]
