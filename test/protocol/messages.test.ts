import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { encodeAnswer, encodeNotify, encodeRequest, encodeState, parseMessage, parseRequest, parseServerMessage, stringify } from '../../lib/protocol/messages.ts'
import type { RequestId } from '../../types/protocol.ts'
import { ProtocolFault } from '../../lib/protocol/fault.ts'

const secret = 'SECRET'

/** The reason with which a text is refused. */
function reasonOf (parse: (text: string) => unknown, text: string): string {
  try {
    parse(text)
  } catch (error) {
    if (!(error instanceof ProtocolFault)) throw error
    if (error.close.code !== 4400) throw error
    return error.close.reason
  }
  return 'accepted'
}

/** A response as the server makes it. */
const encodeResponse = (id: RequestId, success: boolean, data: unknown): string => encodeAnswer(id, success, stringify(data))

t.test('requests that are taken', async (t) => {
  const cases: Array<[string, object]> = [
    ['{"type":"request","id":1,"name":"a","data":{"b":[1]}}', { type: 'request', id: 1, name: 'a', data: { b: [1] } }],
    ['{"type":"request","id":1,"name":""}', { type: 'request', id: 1, name: '', data: null }],
    [' \n{"data":2,"name":"n","id":null,"type":"request"}\t ', { type: 'request', id: null, name: 'n', data: 2 }],
    ['{"type":"state","id":0,"id":{"x":-1.5},"name":"n","type":"request"}', { type: 'request', id: { x: -1.5 }, name: 'n', data: null }],
    ['{"type":"request","id":1,"name":"n","data":["1e400",1e-400,1e300,"'.concat('9'.repeat(309), '"]}'), { type: 'request', id: 1, name: 'n', data: ['1e400', 0, 1e300, '9'.repeat(309)] }],
    ['{"type":"request","id":"","name":"n","more":true}', { type: 'request', id: '', name: 'n', data: null, more: true }]
  ]
  for (const [text, message] of cases) t.same(parseRequest(text), message, text)
})

t.test('what a server refuses, each with its reason', async (t) => {
  const cases: Array<[string, string]> = [
    ['', 'the message is empty'],
    [secret, 'the message is not JSON'],
    ['{', 'the message is not JSON'],
    ['\ufeff{"type":"request","id":1,"name":""}', 'the message is not JSON'],
    ['{"type":"request","id":1,"name":"","data":NaN}', 'the message is not JSON'],
    ...['1e400', '-1e400', '1E+400', '12.5e308', '[{"a":1e0000309}]', '9'.repeat(309), `${'9'.repeat(250)}e99`].flatMap((number): Array<[string, string]> => [
      [`{"type":"request","id":1,"name":"","data":${number}}`, 'a number of the request is beyond the range'],
      [`{"type":"request","id":${number},"name":""}`, 'a number of the request is beyond the range']
    ]),
    ['[]', 'the message is not an object'],
    ['42', 'the message is not an object'],
    ['null', 'the message is not an object'],
    [`"${secret}"`, 'the message is not an object'],
    ['{}', 'the type of the message is unknown'],
    [`{"type":"${secret}","id":1,"name":""}`, 'the type of the message is unknown'],
    ['{"type":{"toString":1},"id":1,"name":""}', 'the type of the message is unknown'],
    ['{"__proto__":{"type":"request","id":1,"name":""}}', 'the type of the message is unknown'],
    ['{"type":"response","id":1,"success":true,"data":1}', 'only a server sends messages of type response'],
    ['{"type":"state","diff":[]}', 'only a server sends messages of type state'],
    ['{"type":"notify","name":"n","data":1}', 'only a server sends messages of type notify'],
    ['{"type":"request","name":"n"}', 'the request has no id'],
    ['{"type":"request","id":1}', 'the name of the request is not a string'],
    ['{"type":"request","id":1,"name":null}', 'the name of the request is not a string'],
    [`{"type":"request","id":1,"name":["${secret}"]}`, 'the name of the request is not a string']
  ]
  for (const [text, reason] of cases) t.equal(reasonOf(parseRequest, text), reason, JSON.stringify(text))
})

t.test('what a client takes', async (t) => {
  const cases: Array<[string, object]> = [
    ['{"type":"response","id":1,"success":true,"data":5}', { type: 'response', id: 1, success: true, data: 5 }],
    ['{"type":"response","id":"1","success":false}', { type: 'response', id: '1', success: false, data: null }],
    ['{"type":"notify","name":"n"}', { type: 'notify', name: 'n', data: null }],
    ['{"type":"state","diff":[]}', { type: 'state', diff: [] }]
  ]
  for (const [text, message] of cases) t.match(parseServerMessage(text), message, text)
})

t.test('what a client refuses', async (t) => {
  const texts = [
    '', '{', secret, '[1]', 'null', '7', '"state"', '{}', `{"type":"${secret}"}`, '{"type":{"toString":1}}',
    '{"type":"request","id":1,"name":"n","data":1}', '{"type":"state"}', '{"type":"state","diff":{"length":0}}',
    '{"type":"response","success":true}', '{"type":"response","id":1,"success":1}', '{"type":"notify","name":7}', '{"type":"notify"}',
    '{"__proto__":{"type":"state","diff":[]}}'
  ]
  for (const text of texts) t.equal(reasonOf(parseServerMessage, text), 'no state, response or notification', JSON.stringify(text))
})

t.test('a refusal fits a close frame and repeats nothing', async () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.object().map((o) => JSON.stringify({ type: 'request', ...o }))), (input) => {
    for (const parse of [parseMessage, parseRequest, parseServerMessage]) {
      const reason = reasonOf(parse, input + secret)
      if (Buffer.byteLength(reason) > 123 || reason.includes(secret)) return false
    }
    return true
  }))
})

t.test('every encoder against the parser of the other side', async (t) => {
  const json = fc.jsonValue({ noUnicodeString: false })
  fc.assert(fc.property(json, fc.string({ unit: 'binary' }), json, fc.boolean(), (id, name, data, success) => {
    // through text once, as the peer that chose them has: -0 is 0
    const plain = JSON.parse(JSON.stringify({ id, name, data }))
    t.same(parseRequest(encodeRequest(() => 7, name, data)('')), { type: 'request', id: 7, name: plain.name, data: plain.data })
    t.same(parseServerMessage(encodeResponse(id as never, success, data)), { type: 'response', id: plain.id, success, data: plain.data })
    t.same(parseServerMessage(encodeNotify(name, data)), { type: 'notify', name: plain.name, data: plain.data })
  }), { numRuns: 50 })
  t.match(parseServerMessage(encodeState('[{"op":"remove","path":"/a"}]')), { type: 'state', diff: [{ op: 'remove', path: '/a' }] })
})

t.test('an echo gives back what came, to the byte', async (t) => {
  const values = ['0', '-5', '1.5', '1e+21', '5e-324', '"abc"', 'null', 'true', '{"__proto__":{"a":1},"constructor":2}', '[[],{}]', '"\u2028\ud83d\ude00\\ud83d"', '""']
  for (const value of values) {
    const request = parseRequest(`{"type":"request","id":${value},"name":"","data":${value}}`)
    t.equal(encodeResponse(request.id, true, request.data), `{"type":"response","id":${value},"success":true,"data":${value}}`)
  }
  t.equal(({} as { a?: unknown }).a, undefined, 'Object.prototype is as it was')
})

t.test('undefined counts as null, wherever JSON has no better word', async (t) => {
  t.equal(encodeNotify('n', undefined), '{"type":"notify","name":"n","data":null}')
  t.equal(encodeResponse(1, true, undefined), '{"type":"response","id":1,"success":true,"data":null}')
  t.equal(encodeRequest(() => 1, 'n', [undefined, NaN])(',"key":"k"'), '{"type":"request","id":1,"name":"n","data":[null,null],"key":"k"}')
  t.equal(encodeNotify('n', -Infinity), '{"type":"notify","name":"n","data":null}')
  t.equal(encodeNotify('n', new Date(0)), '{"type":"notify","name":"n","data":"1970-01-01T00:00:00.000Z"}')
})

t.test('what JSON cannot carry', async (t) => {
  const cycle: unknown[] = []
  cycle.push({ cycle })
  const values = [1n, { a: [2n] }, cycle, () => {}, Symbol('s'), { toJSON () { throw new Error('no') } }, { toJSON () { return undefined } }, { toJSON () { throw undefined } }] // eslint-disable-line no-throw-literal
  for (const value of values) {
    for (const encode of [() => encodeNotify('n', value), () => encodeRequest(() => 1, 'n', value), () => encodeResponse(1, true, value)]) {
      t.throws(encode, { name: 'JugglerStateError', code: 'JUGGLER_VALUE_INVALID' })
    }
  }
  t.throws(() => encodeNotify(5 as never, null), { code: 'JUGGLER_VALUE_INVALID', message: 'a name must be a string' })
  t.throws(() => encodeRequest(() => 1, null as never, null), { code: 'JUGGLER_VALUE_INVALID', message: 'a name must be a string' })
})
