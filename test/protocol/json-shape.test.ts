import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { alwaysWithin, shapeOf } from '../../lib/protocol/json-shape.ts'

const loose = { maxJsonDepth: 1000, maxJsonElements: 1e9 }
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const request = (data: string, rest = '"id":1,"name":"x"'): string => `{"type":"request",${rest},"data":${data}}`

t.test('levels count below the members of the message', async (t) => {
  const limits = { maxJsonDepth: 3, maxJsonElements: 1000 }
  for (const data of ['1', '[]', nested(3), '[{"a":[]},[[]]]', '"[[[[["', '{"[[[[":"\\"[[[["}']) t.doesNotThrow(() => shapeOf(request(data), limits), data)
  for (const data of [nested(4), '[{"a":[{}]}]', '{"a":{"b":{"c":{}}}}', '["\\\\",[[[]]]]']) {
    t.throws(() => shapeOf(request(data), limits), { name: 'ProtocolFault', close: { code: 4429, reason: 'more than 3 levels are nested in the message' } }, data)
  }
  for (const name of ['id', 'i\\u0064']) {
    const deep = request('1', `"${name}":${nested(4)},"name":"x"`)
    t.throws(() => shapeOf(deep, limits), { name: 'ProtocolFault', close: { code: 4400, reason: 'the id of the request is nested too deeply' } }, name)
  }
  t.throws(() => shapeOf(request('1', `"id":"id","more":${nested(4)}`), limits), { name: 'ProtocolFault', close: { code: 4429 } }, 'a text is no name')
})

t.test('values and names count, wherever they are', async (t) => {
  const least = shapeOf(request('0'), loose).elements
  for (const [data, more] of [['[]', 1], ['[1]', 1], ['[1,2]', 2], ['{"a":1}', 2], ['{"a":1,"b":2}', 4], ['"a,b:c"', 0]] as const) {
    t.equal(shapeOf(request(data), loose).elements - least, more, data)
  }
  const limits = { maxJsonDepth: 64, maxJsonElements: least + 5 }
  t.doesNotThrow(() => shapeOf(request('[1,2,3,4,5]'), limits))
  t.throws(() => shapeOf(request('[1,2,3,4,5,6]'), limits), { name: 'ProtocolFault', close: { code: 4429, reason: `the message holds more than ${least + 5} values and names` } })
})

t.test('an echo is known by its name alone', async (t) => {
  const echoes = ['{"name":""}', '{ "type" : "request" , "name" : "" }', '{"name":"x","name":""}', '{"data":{"name":"x"},"name":""}', '{"n\\u0061me":""}']
  for (const text of echoes) t.equal(shapeOf(text, loose).urgent, '', text)
  const others = ['{}', '{"name":"x"}', '{"name":"","name":"x"}', '{"data":{"name":""}}', '{"data":"\\"name\\":\\"\\""}', '{"x":"name","data":""}', '[{"name":""}]', '"name"', '']
  for (const text of others) t.equal(shapeOf(text, loose).urgent, undefined, text)
})

t.test('what is not JSON does no harm', async () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'a', '"name"', '""', '"id":', ' ')
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    const { elements, urgent } = shapeOf(pieces.join(''), loose)
    return elements <= pieces.join('').length && (urgent === undefined || urgent === '' || urgent === 'juggler/paths')
  }))
})

t.test('of JSON it says what a walk over the tree says', async () => {
  const count = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 0
    const values = Object.values(value)
    const names = Array.isArray(value) ? 0 : values.length
    return 1 + names + Math.max(values.length - 1, 0) + values.reduce<number>((sum, next) => sum + count(next), 0)
  }
  fc.assert(fc.property(fc.json(), fc.constantFrom('', 'x', '\\', '"'), (data, name) => {
    const message = { name, data: JSON.parse(data) as unknown }
    const { elements, urgent } = shapeOf(JSON.stringify(message), loose)
    return elements === count(message) && urgent === (name === '' ? '' : undefined)
  }))
})

t.test('a request up to a certain length needs no look', async (t) => {
  for (const limits of [{ maxJsonDepth: 64, maxJsonElements: 50_000 }, { maxJsonDepth: 1, maxJsonElements: 50 }, { maxJsonDepth: 3, maxJsonElements: 30 }]) {
    const length = alwaysWithin(limits)
    for (const data of [nested(60), nested(64), nested(65), nested(66), nested(2), nested(3), '[1,1,1,1,1,1,1,1]']) {
      for (const text of [request(data, '"id":1,"name":""'), `{"type":"request","id":${data},"name":""}`]) {
        if (text.length <= length) t.doesNotThrow(() => shapeOf(text, limits), `${length}: ${text}`)
      }
    }
  }
})
