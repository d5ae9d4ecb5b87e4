import t from 'tap'
import { violationsJson, violationsOf } from '../../../../lib/server/requests/schemas/violation.ts'

t.test('what validators of all origins find', async (t) => {
  const cases: Array<[unknown, Array<{ path: string, message: string }>]> = [
    [undefined, [{ path: '', message: 'is not valid' }]],
    [[], [{ path: '', message: 'is not valid' }]],
    [null, [{ path: '', message: 'is not valid' }]],
    ['text', [{ path: '', message: 'text' }]],
    [7, [{ path: '', message: 'is not valid' }]],
    [new Error('e'), [{ path: '', message: 'e' }]],
    [[{ instancePath: '/a/0', message: 'must be integer' }], [{ path: '/a/0', message: 'must be integer' }]],
    [{ issues: [{ path: ['a/b', 0, '~'], message: 'm' }] }, [{ path: '/a~1b/0/~0', message: 'm' }]],
    [{ issues: [{ path: [{ key: 'x' }], message: 'm' }] }, [{ path: '/x', message: 'm' }]],
    [{ details: [{ path: ['x'], message: '"x" is required' }] }, [{ path: '/x', message: '"x" is required' }]],
    [{ errors: [], message: 'whole' }, [{ path: '', message: 'whole' }]]
  ]
  for (const [found, expected] of cases) t.strictSame(violationsOf(found), expected)
  t.strictSame(violationsJson(violationsOf(new Error('e'))), [{ path: '', message: 'e' }])
})

t.test('they are cut in number and in length', async (t) => {
  const found = violationsOf(Array.from({ length: 11 }, () => ({ instancePath: '/'.repeat(201), message: 'm'.repeat(201) })))
  t.equal(found.length, 10)
  t.equal(found[0]!.path.length, 200)
  t.equal(found[0]!.message, `${'m'.repeat(199)}…`)
})
