import fc from '../helpers/fast-check.ts'
import t from 'tap'
import { headOf, keptText, partsOf, placeOf, readHead, readState } from '../../lib/storage/kept-text.ts'
import type { JsonValue } from '../../types/json.ts'

t.test('a text says whose it is and where it stands, in its first line', async (t) => {
  const head = headOf('ann', 'abc&revision=7', '["/a"]')
  t.same(head, { user: 'ann', epoch: 'abc', revision: 7, parts: '["/a"]' })
  const text = keptText(head, '{"a":"\\n"}')
  t.equal(text, '[2,"ann","abc",7,"[\\"/a\\"]"]\n{"a":"\\n"}')
  t.same(readHead(text), head)
  t.equal(placeOf(head), 'abc&revision=7')
  t.same(readState(text), { a: '\n' })
  t.equal(placeOf(readHead(keptText(headOf(null, '', ''), 'null'))!), '', 'a server that names no place')
})

t.test('lists of parts are the same text where they cover the same', async (t) => {
  t.equal(partsOf(['/b', '/a', '/a/c', '/b']), '["/a","/b"]')
  t.equal(partsOf(['/a', '/ab']), '["/a","/ab"]')
  for (const all of [undefined, null, [''], ['/a', '']]) t.equal(partsOf(all), '')
})

t.test('any state comes back', async () => {
  fc.assert(fc.property(fc.jsonValue(), fc.option(fc.string()), fc.nat(), (state, user, revision) => {
    const head = headOf(user, `E-_9&revision=${revision}`, '')
    const text = keptText(head, JSON.stringify(state))
    return JSON.stringify(readHead(text)) === JSON.stringify(head) && JSON.stringify(readState(text)) === JSON.stringify(state as JsonValue)
  }))
})

t.test('what is no such text has no head', async (t) => {
  for (const text of ['', '\n', '{}', 'null\n1', '[1,null,"e",1,""]\n{}', '[2,null,"e",1]\n{}', '[2,null,"e",1,2]\n{}', '[2,null,"e",1,"",3]\n{}', '[2,5,"e",1,""]\n{}', '[2,null,5,1,""]\n{}', '[2,null,"e",-1,""]\n{}', '[2,null,"e",1.5,""]\n{}',
    '[2,null,"e","1",""]\n{}', '[2,null,"a&path=/b",1,""]\n{}', '[2,null,"e",1,""]', '[1,null,"e",1']) {
    const head = readHead(text)
    if (head !== undefined) t.throws(() => readState(text), SyntaxError, text)
    else t.pass(text)
  }
  t.equal(readHead('[2,null,"a&path=/b",1,""]\n{}'), undefined, 'nothing gets into the query of an address')
})
