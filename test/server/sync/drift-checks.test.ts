import fc from '../../helpers/fast-check.ts'
import t from 'tap'
import { createState } from '../../../lib/index.ts'
import { digest, partOf } from '../../../lib/json/digest.ts'
import { DriftChecks } from '../../../lib/server/sync/drift-checks.ts'
import type { Store } from '../../../lib/state/store/store.ts'
import type { JsonValue } from '../../../types/json.ts'

type Check = [pointer: string, digest: number, part?: number, parts?: number]

/** The checks that follow each other, one for each revision. */
function checksOf (initial: JsonValue) {
  const state = createState<JsonValue>(initial)
  const store = state as unknown as Store
  const checks = new DriftChecks(store, 0)
  return {
    state,
    store,
    next (): Check | undefined {
      // A change of nothing: the next message leads to another revision.
      state.patch([{ op: 'test', path: '', value: state.data as JsonValue }])
      const text = checks.memberFor(store.revision, true)
      return text === '' ? undefined : (JSON.parse(`{"":0${text}}`) as { check: Check }).check
    }
  }
}

/** All checks until the first comes again. */
function round (initial: JsonValue): Check[] {
  const { next } = checksOf(initial)
  const checks: Check[] = []
  for (;;) {
    const check = next()
    if (check === undefined) continue
    if (checks.length > 0 && JSON.stringify(check) === JSON.stringify(checks[0])) return checks
    checks.push(check)
  }
}

const at = (value: JsonValue, pointer: string): JsonValue | undefined => {
  let found: JsonValue | undefined = value
  for (const key of pointer.split('/').slice(1)) found = (found as Record<string, JsonValue> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')]
  return found
}

/** What a client finds. */
function agrees (value: JsonValue, [pointer, expected, part, parts]: Check): boolean {
  const found = at(value, pointer)
  return found !== undefined && digest(found, part, parts) === expected
}

const valuesIn = (value: JsonValue): number =>
  1 + (typeof value === 'object' && value !== null ? Object.values(value).reduce<number>((sum, child) => sum + valuesIn(child), 0) : 0)

function valuesOf (root: JsonValue, [pointer, , part = 0, parts = 1]: Check): number {
  const value = at(root, pointer)!
  if (typeof value !== 'object' || value === null) return 1
  return Object.entries(value).reduce((sum, [name, child]) => partOf(name, parts) === part ? sum + valuesIn(child) : sum, 0)
}

const numbers = (count: number): Record<string, number> => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, i]))

const states: Record<string, JsonValue> = {
  'a small state': { a: 1, b: [1, 2, { c: null }] },
  'one large object': numbers(12_000),
  'one large array': Array.from({ length: 12_000 }, (_, i) => i),
  'an array of devices': Array.from({ length: 2000 }, (_, i) => ({ id: i, values: [i, i, i, i] })),
  'one large member beside many small ones': { large: numbers(12_000), ...numbers(4000) },
  'large ones in large ones': { a: { b: { c: numbers(9000), d: numbers(9000) }, 'e/~f': numbers(6000) }, g: 1 }
}

for (const [name, state] of Object.entries(states)) {
  t.test(`a round looks at everything, in pieces: ${name}`, async (t) => {
    const checks = round(state)
    for (const check of checks) t.ok(valuesOf(state, check) <= 5000 && agrees(state, check), JSON.stringify(check))
    t.ok(checks.length <= 3 + 6 * valuesIn(state) / 5000, `${checks.length} checks`)

    // Whatever is changed, somebody notices.
    const changes: Array<[string, (value: JsonValue) => void]> = []
    const visit = (value: JsonValue, pointer: string, every: number): void => {
      if (typeof value !== 'object' || value === null) return
      changes.push([`${pointer} +`, (root) => { (at(root, pointer) as Record<string, JsonValue>)[Array.isArray(value) ? value.length : 'more'] = 1 }])
      for (const [i, key] of Object.keys(value).entries()) {
        if (i % every !== 0) continue
        const child = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
        changes.push([child, (root) => { (at(root, pointer) as Record<string, JsonValue>)[key] = 'other' }])
        visit((value as Record<string, JsonValue>)[key]!, child, every)
      }
    }
    visit(state, '', Math.max(1, Math.ceil(valuesIn(state) / 30)))
    for (const [what, change] of changes) {
      const drifted = structuredClone(state)
      change(drifted)
      t.notOk(checks.every((check) => agrees(drifted, check)), what)
    }
  })
}

t.test('any small state is looked at whole', async () => {
  fc.assert(fc.property(fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')), (value) => {
    const [check, ...others] = round(value as JsonValue)
    return others.length === 0 && check!.length === 2 && check![0] === '' && agrees(value as JsonValue, check!)
  }), { numRuns: 200 })
})

t.test('what is written between two checks does not mislead the next', async (t) => {
  const { state, next } = checksOf({ devices: numbers(20_000), rest: numbers(100) })
  for (let i = 0; i < 40; i++) {
    if (i === 5) state.set(['devices', 'n3'], { now: 'an object' })
    if (i === 9) state.remove(['devices'])
    if (i === 15) state.set(['devices'], ['short'])
    if (i === 20) state.set([], 7)
    if (i === 25) state.set([], { devices: numbers(6000) })
    const check = next()
    t.ok(check === undefined || agrees(state.data as JsonValue, check), `${i}: ${JSON.stringify(check)}`)
  }
})

t.test('a string that is too long for a turn is left out, and what is beside it is not', async (t) => {
  const long = 'x'.repeat(200_000)
  const state = { long, a: 1, [`${'name'.repeat(50_000)}`]: 1 }
  const checks = round(state)
  t.notOk(checks.every((check) => agrees({ ...state, a: 2 }, check)))
  t.ok(checks.every((check) => agrees({ ...state, long: 'other' }, check)))
})

t.test('one for all messages that lead to a revision, after the interval; one in any case for who wants it', async (t) => {
  const state = createState<JsonValue>({ a: 1 })
  const store = state as unknown as Store
  const checks = new DriftChecks(store, 60_000)
  t.equal(checks.memberFor(0, false), '', 'the interval has begun')
  const member = checks.memberFor(0, true)
  t.match(member, /^,"check":\["",\d+\]$/)
  t.equal(checks.memberFor(0, true), member)
  t.equal(checks.memberFor(0, false), '')
  state.set('/a', 2)
  t.equal(checks.memberFor(0, true), '', 'the message leads to what is no more')
  t.not(checks.memberFor(1, true), member)
  const eager = new DriftChecks(store, 0)
  t.match(eager.memberFor(1, false), /^,"check":/)
})

t.test('those who come back take no check from the others, and a storm of them gets some', async (t) => {
  const state = createState<JsonValue>({ a: numbers(6000), n: 0 })
  const store = state as unknown as Store
  const checks = new DriftChecks(store, 0)
  const own: string[] = []
  let forced = 0
  for (let i = 1; i <= 20; i++) {
    state.set('/n', i)
    const member = checks.memberFor(i, i % 2 === 1)
    t.equal(checks.memberFor(i, true), member, 'one for all of a revision')
    own.push(member)
  }
  t.ok(own.every((member) => member !== ''))
  const seldom = new DriftChecks(store, 60_000)
  for (let i = 21; i <= 60; i++) {
    state.set('/n', i)
    t.equal(seldom.memberFor(i, false), '')
    if (seldom.memberFor(i, true) !== '') forced++
  }
  t.ok(forced >= 1 && forced <= 5, `${forced}`)
})

t.test('what would take long is left out: very many members, names of one hash, long names', async (t) => {
  const many = createState<JsonValue>({ many: numbers(60_000), list: Array.from({ length: 60_000 }, () => 1), rest: { a: 1 } })
  const store = many as unknown as Store
  const { next } = checksOf(many.data as JsonValue)
  const seen = Array.from({ length: 40 }, () => next()?.[0])
  t.notOk(seen.some((pointer) => pointer?.startsWith('/many') === true || pointer?.startsWith('/list') === true))
  t.ok(seen.includes('/rest') || seen.includes(''), String(seen))
  const began = performance.now()
  const checks = new DriftChecks(store, 0)
  for (let i = 1; i < 20; i++) {
    many.set('/rest/a', i)
    checks.memberFor(i, false)
  }
  t.ok(performance.now() - began < 2000)
  const long = checksOf({ [`${'name'.repeat(500)}`]: numbers(6000), a: 1 })
  for (let i = 0; i < 20; i++) t.ok((long.next()?.[0].length ?? 0) <= 1000)
})

t.test('a member called length, of what becomes an array, misleads nobody', async (t) => {
  const { state, next } = checksOf({ n: 0, a: { length: Array<number>(6000).fill(1), k: Array<number>(6000).fill(2) } })
  for (let i = 0; i < 30; i++) {
    if (i === 6) state.set('/a', [1, 2, 3])
    const check = next()
    if (check === undefined) continue
    t.ok(agrees(state.data as JsonValue, check) && !(i > 6 && check[0] === '/a/length'), JSON.stringify(check))
  }
})
