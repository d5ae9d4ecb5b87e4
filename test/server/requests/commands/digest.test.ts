import t from 'tap'
import fc from '../../../helpers/fast-check.ts'
import { digestOf } from '../../../../lib/server/requests/commands/digest.ts'

t.test('the same text has one number, and others have others', async (t) => {
  const seen = new Map<number, string>()
  const check = (text: string) => {
    const digest = digestOf(text)
    if (!Number.isSafeInteger(digest) || digest < 0) throw new Error(`${digest}`)
    if (seen.has(digest) && seen.get(digest) !== text) throw new Error(`${text} and ${seen.get(digest)!}`)
    seen.set(digest, text)
  }
  for (let i = 0; i < 100_000; i++) check(`start\n{"id":${i}}`)
  for (const length of [0, 1, 511, 512, 513, 100_000]) for (const character of 'ab') check(character.repeat(length))
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 600 }), check))
  t.ok(seen.size > 100_000)
})
