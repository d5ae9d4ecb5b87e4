import t from 'tap'
import { createState, maxPadding } from '../../lib/state/state.ts'
import type { JsonValue, Path } from '../../types/json.ts'

const plant = () => createState<JsonValue>({ pumps: { 7: { speed: 1 } }, list: [1, { a: 1 }, [2]], text: 'x', nothing: null })

t.test('set', async (t) => {
  const cases: Array<[Path, unknown, Path, unknown]> = [
    ['/pumps/7/speed', 2, '/pumps', { 7: { speed: 2 } }],
    [['pumps', '7', 'speed'], 2, '/pumps', { 7: { speed: 2 } }],
    ['/pumps/8/speed', 2, '/pumps', { 7: { speed: 1 }, 8: { speed: 2 } }],
    ['/new/0/x', 2, '/new', { 0: { x: 2 } }],
    [['new', 0, 'x'], 2, '/new', [{ x: 2 }]],
    [['new', 2, 1], 2, '/new', [null, null, [null, 2]]],
    ['/nothing/a/b', 2, '/nothing', { a: { b: 2 } }],
    [['nothing', 1], 2, '/nothing', [null, 2]],
    ['/list/-', 2, '/list', [1, { a: 1 }, [2], 2]],
    ['/list/-/x', 2, '/list', [1, { a: 1 }, [2], { x: 2 }]],
    ['/list/0', 2, '/list', [2, { a: 1 }, [2]]],
    ['/list/-1/0', 3, '/list', [1, { a: 1 }, [3]]],
    [['list', -1], 3, '/list', [1, { a: 1 }, 3]],
    [['list', 5], 3, '/list', [1, { a: 1 }, [2], null, null, 3]],
    ['/list/1/a', { b: 1 }, '/list', [1, { a: { b: 1 } }, [2]]],
    ['', [1], '', [1]],
    [[], 'x', '', 'x'],
    ['/a~1b/~0', 1, '', { pumps: { 7: { speed: 1 } }, list: [1, { a: 1 }, [2]], text: 'x', nothing: null, 'a/b': { '~': 1 } }],
    ['/', 1, '/', 1],
    ['/-', 1, '/-', 1],
    ['/constructor/toString', 1, '/constructor', { toString: 1 }]
  ]
  for (const [path, value, at, expected] of cases) {
    const state = plant()
    state.set(path, value)
    t.same(state.get(at), expected, `set(${JSON.stringify(path)}, ${JSON.stringify(value)})`)
    t.equal(state.revision, 1)
    state.set(path === '/list/-' || path === '/list/-/x' ? '/text' : path, path === '/list/-' || path === '/list/-/x' ? 'x' : value)
    t.equal(state.revision, 1, 'an equal value is no change')
  }
  const state = plant()
  state.set('/pumps', { 7: { speed: 1 } })
  state.set('', { pumps: { 7: { speed: 1 } }, list: [1, { a: 1 }, [2]], text: 'x', nothing: null })
  t.equal(state.revision, 0)
})

t.test('what set refuses, and that nothing is changed by it', async (t) => {
  class Pump { speed = 1 }
  const cycle: Record<string, unknown> = {}
  cycle.self = { cycle }
  const cases: Array<[Path, unknown, string, string?]> = [
    ['/text/a', 1, 'JUGGLER_PATH_TYPE', '/text'],
    ['/list/a', 1, 'JUGGLER_PATH_TYPE', '/list'],
    ['/list/01', 1, 'JUGGLER_PATH_TYPE', '/list'],
    ['/list/+1', 1, 'JUGGLER_PATH_TYPE', '/list'],
    [['list', '0'], 1, 'JUGGLER_PATH_TYPE', '/list'],
    [['pumps', 0], 1, 'JUGGLER_PATH_TYPE', '/pumps'],
    [['new', -1], 1, 'JUGGLER_PATH_TYPE'],
    [['list', 3 + maxPadding + 1], 1, 'JUGGLER_PATH_INVALID'],
    [['new', maxPadding + 1], 1, 'JUGGLER_PATH_INVALID'],
    ['list', 1, 'JUGGLER_PATH_INVALID'],
    ['/~2', 1, 'JUGGLER_PATH_INVALID'],
    [['a', 1.5], 1, 'JUGGLER_PATH_INVALID'],
    [['a', -2], 1, 'JUGGLER_PATH_INVALID'],
    [['a', ['b']] as unknown as Path, 1, 'JUGGLER_PATH_INVALID'],
    [null as unknown as Path, 1, 'JUGGLER_PATH_INVALID'],
    [7 as unknown as Path, 1, 'JUGGLER_PATH_INVALID'],
    ['/__proto__/x', 1, 'JUGGLER_PATH_INVALID'],
    ['/pumps/__proto__', 1, 'JUGGLER_PATH_INVALID'],
    ['/pumps', undefined, 'JUGGLER_VALUE_INVALID', '/pumps'],
    ['/pumps/7', { speed: NaN }, 'JUGGLER_VALUE_INVALID', '/pumps/7/speed'],
    ['/new', { a: [1, Infinity] }, 'JUGGLER_VALUE_INVALID', '/new/a/1'],
    ['/list', [1, { a: undefined }], 'JUGGLER_VALUE_INVALID', '/list/1/a'],
    ['/list', [1, { a: 1 }, [2], () => {}], 'JUGGLER_VALUE_INVALID', '/list/3'],
    ['/list', [, 1], 'JUGGLER_VALUE_INVALID', '/list/0'], // eslint-disable-line no-sparse-arrays
    ['/pumps', new Map(), 'JUGGLER_VALUE_INVALID', '/pumps'],
    ['/pumps', { 7: new Pump() }, 'JUGGLER_VALUE_INVALID', '/pumps/7'],
    ['/pumps/7', new Date(0), 'JUGGLER_VALUE_INVALID', '/pumps/7'],
    ['/new', 1n, 'JUGGLER_VALUE_INVALID', '/new'],
    ['/new', Symbol('x'), 'JUGGLER_VALUE_INVALID', '/new'],
    ['/new', cycle, 'JUGGLER_VALUE_INVALID'],
    ['/pumps', JSON.parse('{"7":{"__proto__":{"x":1}}}'), 'JUGGLER_VALUE_INVALID', '/pumps/7/__proto__'],
    ['', { list: [1, { a: 1 }, [2]], bad: { worse: undefined } }, 'JUGGLER_VALUE_INVALID', '/bad/worse']
  ]
  for (const [path, value, code, at] of cases) {
    const state = plant()
    const before = state.stringify()
    t.throws(() => state.set(path, value), at === undefined ? { code } : { code, path: at }, `${String(JSON.stringify(path))} ${code}`)
    t.equal(state.stringify(), before)
    t.equal(state.revision, 0)
  }
  t.throws(() => createState({ a: new Date() }), { code: 'JUGGLER_VALUE_INVALID', path: '/a' })
})

t.test('what was put in cannot be changed behind the state\'s back', async (t) => {
  const given = { a: { b: [1] } }
  const state = createState<JsonValue>(given)
  given.a.b.push(2)
  t.same(state.data, { a: { b: [1] } })
  const later = { c: [{ d: 1 }] }
  state.set('/a', later)
  later.c[0]!.d = 2
  t.same(state.data, { a: { c: [{ d: 1 }] } })
  const ops = [{ op: 'add', path: '/x', value: { y: 1 } }]
  state.patch(ops)
  ops[0]!.value.y = 2
  t.same(state.get('/x'), { y: 1 })
})

t.test('a snapshot may be given back changed in the immutable style', async (t) => {
  const state = createState<{ pumps: Record<string, { speed: number }>, list: number[] }>({ pumps: { a: { speed: 1 }, b: { speed: 1 } }, list: [1, 2] })
  const before = state.data
  const patches: unknown[] = []
  state.onChange(({ patch }) => patches.push(patch))
  state.set('', { ...before, pumps: { ...before.pumps, b: { speed: 2 } } })
  t.same(patches, [[{ op: 'replace', path: '/pumps/b/speed', value: 2 }]])
  t.equal(state.data.pumps.a, before.pumps.a)
  t.same(before.pumps.b, { speed: 1 })
})

t.test('get reads what is missing as null', async (t) => {
  const state = plant()
  for (const path of ['/nope', '/nope/deeper', '/list/9', '/list/a', '/text/0', '/pumps/constructor', '/list/length', ['list', '0'], ['pumps', 7], ['list', 9], ['text', 'length'], ['__proto__']] as Path[]) {
    t.equal(state.get(path), null, JSON.stringify(path))
  }
  t.equal(state.get(['list', 0]), 1)
  t.same(state.get('/list/-1'), [2])
  t.same(state.get(['list', -1]), [2])
  t.throws(() => state.get('nope' as string), { code: 'JUGGLER_PATH_INVALID' })
})

t.test('remove', async (t) => {
  const state = plant()
  for (const path of ['/nope', '/list/9', '/list/-', '/pumps/7/speed/x', ['pumps', 7]] as Path[]) state.remove(path)
  t.equal(state.revision, 0, 'what is missing is no change')
  state.remove('/list/0')
  state.remove(['list', -1])
  state.remove('/pumps/7/speed')
  t.same(state.data, { pumps: { 7: {} }, list: [{ a: 1 }], text: 'x', nothing: null })
  state.remove('')
  t.equal(state.data, null)
  state.remove('')
  t.equal(state.revision, 4)
})

t.test('patch', async (t) => {
  const state = plant()
  state.patch([])
  t.equal(state.revision, 0)
  state.patch([{ op: 'test', path: '/text', value: 'x' }, { op: 'replace', path: '/text', value: 'y' }, { op: 'copy', from: '/list', path: '/copy' }, { op: 'move', from: '/copy/0', path: '/copy/-' }])
  t.same(state.get('/copy'), [{ a: 1 }, [2], 1])
  state.set('/copy/0/a', 5)
  t.same(state.get('/list/1'), { a: 1 }, 'a copy is a copy')
  t.equal(state.revision, 2)
  const before = state.stringify()
  const bad: unknown[] = [
    [{ op: 'replace', path: '/text', value: 1 }, { op: 'test', path: '/text', value: 'nope' }],
    [{ op: 'replace', path: '/text', value: 1 }, { op: 'remove', path: '/nope' }],
    [{ op: 'add', path: '/x', value: undefined }],
    [{ op: 'add', path: '/x' }], [{ op: 'spam', path: '/x' }], [{ op: 'move', path: '/x' }], [{ op: 'add', value: 1 }],
    [null], ['add'], [[]], 'x', { op: 'add', path: '/x', value: 1 }
  ]
  for (const patch of bad) t.throws(() => state.patch(patch as unknown[]), { code: 'JUGGLER_PATCH_INVALID' }, JSON.stringify(patch))
  t.throws(() => state.patch([{ op: 'add', path: '/x', value: { when: new Date() } }]), { code: 'JUGGLER_VALUE_INVALID' })
  t.throws(() => state.patch([{ op: 'add', path: '/__proto__/x', value: 1 }]), { code: 'JUGGLER_PATCH_INVALID' })
  t.equal(state.stringify(), before)
  t.equal(state.revision, 2)
})

t.test('no way of writing makes more than 1,000 levels, which JSON.stringify may have no stack for', (t) => {
  const nested = (levels: number): unknown => levels === 0 ? 1 : [nested(levels - 1)]
  const deepest = '/0'.repeat(600)
  const state = createState<unknown>(nested(600))
  const before = state.stringify()
  t.throws(() => state.set('/x'.repeat(1001), 1), { code: 'JUGGLER_PATH_INVALID', message: 'a path may have at most 1000 keys' })
  t.throws(() => state.set(deepest, nested(401)), { code: 'JUGGLER_VALUE_INVALID' })
  for (const op of ['add', 'replace']) {
    t.throws(() => state.patch([{ op, path: deepest, value: nested(401) }]), { code: 'JUGGLER_VALUE_INVALID' }, op)
  }
  t.throws(() => state.patch([{ op: 'copy', from: '', path: deepest }]), { code: 'JUGGLER_PATCH_INVALID', message: /at most 1000 levels/ })
  t.throws(() => state.patch([{ op: 'add', path: '/1', value: nested(401) }, { op: 'move', from: '/1', path: `${deepest.slice(2)}/0` }]), { code: 'JUGGLER_PATCH_INVALID' })
  t.equal(state.stringify(), before, 'nothing has changed')
  state.patch([{ op: 'replace', path: deepest, value: nested(400) }])
  t.equal(state.stringify(), JSON.stringify(nested(1000)))
  t.end()
})
