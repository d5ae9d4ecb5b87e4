import { randomBytes } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { deflatePayload, deflatePayloadLater, minDeflateLength } from '../../../lib/server/wire/deflate.ts'

const trailer = Buffer.from([0, 0, 0xff, 0xff])
// the stream has no final block: RFC 7692, section 7.2.2 puts the trailer back and inflates what there is
const inflate = (deflated: Buffer) => inflateRawSync(Buffer.concat([deflated, trailer, Buffer.from([3, 0])])).toString()

t.test('what is deflated inflates to the same, each by itself', async (t) => {
  for (const text of ['a'.repeat(minDeflateLength), JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ path: `/devices/d${i}`, value: i / 7 }))), 'é😀'.repeat(50_000)]) {
    const payload = Buffer.from(text)
    for (const deflated of [deflatePayload(payload), await deflatePayloadLater(payload)]) {
      t.ok(deflated!.length < payload.length / 2)
      t.notSame(deflated!.subarray(-4), trailer)
      t.equal(inflate(deflated!), text)
    }
  }
})

t.test('what would not get shorter is left alone', async (t) => {
  for (const payload of [Buffer.alloc(minDeflateLength - 1, 'a'), randomBytes(5000), Buffer.alloc(0)]) {
    t.equal(deflatePayload(payload), undefined)
    t.equal(await deflatePayloadLater(payload), undefined)
  }
})
