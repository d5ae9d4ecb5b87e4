import t from 'tap'
import { createState, derive } from '../../lib/index.ts'
import { connect } from '../../lib/client/index.ts'
import type { JsonValue } from '../../types/json.ts'
import type { StateChange } from '../../types/state.ts'
import { edit, equalJson, make } from '../helpers/edits.ts'
import fc from '../helpers/fast-check.ts'
import { startApp } from '../helpers/app.ts'

interface Order { owner: string, total: number }

const shop = () => createState<{ orders: Record<string, Order>, open: boolean }>({
  orders: { 1: { owner: 'ann', total: 5 }, 2: { owner: 'ben', total: 7 } }, open: true
})

t.test('of the whole: computed when it is read, and after each change while somebody watches', async (t) => {
  const state = shop()
  let calls = 0
  const sum = derive(state, ({ orders }) => {
    calls++
    return { sum: Object.values(orders).reduce((sum, { total }) => sum + total, 0) }
  })
  t.equal(calls, 0)
  t.same(sum.data, { sum: 12 })
  t.same(sum.data, { sum: 12 })
  t.equal(calls, 1, 'nothing has changed')
  state.set('/orders/1/total', 6)
  state.set('/orders/1/total', 7)
  t.equal(calls, 1)
  t.equal(sum.get('/sum'), 14)
  t.equal(calls, 2)
  const changes: Array<StateChange<unknown>> = []
  const stop = sum.onChange((change) => { changes.push(change) })
  state.set('/orders/3', { owner: 'ann', total: 1 })
  state.set('/open', false)
  t.match(changes, [{ patch: [{ op: 'replace', path: '/sum', value: 15 }], revision: sum.revision }])
  t.equal(changes.length, 1, 'what comes to the same is no change')
  t.equal(calls, 4)
  stop()
  stop()
  state.set('/orders/3/total', 2)
  t.equal(calls, 4, 'nobody watches')
  t.equal(sum.stringify(), '{"sum":16}')
})

t.test('places that it looks at', async (t) => {
  const state = shop()
  let calls = 0
  const count = derive(state, ({ orders, open }) => {
    calls++
    return [Object.keys(orders).length, open]
  }, { paths: ['/orders', ['open']] })
  count.onChange(() => {})
  state.update((draft) => {
    draft.open = false
    delete draft.orders[1]
  })
  t.equal(calls, 2, 'once a change, whatever it concerns')
  t.same(count.data, [1, false])
})

t.test('one by one: only what a change touches', async (t) => {
  const state = shop()
  const called: string[] = []
  const anns = derive(state, (order, id) => {
    called.push(id)
    return order.owner === 'ann' ? order.total : undefined
  }, { each: '/orders' })
  const patches: unknown[] = []
  anns.onChange(({ patch }) => { patches.push(patch) })
  t.same(anns.data, { 1: 5 })
  t.same(called.splice(0), ['1', '2'])
  state.set('/orders/2/owner', 'ann')
  state.set('/orders/1/owner', 'ben')
  state.set('/open', false)
  t.same(called.splice(0), ['2', '1'])
  t.same(patches, [[{ op: 'add', path: '/2', value: 7 }], [{ op: 'remove', path: '/1' }]])
  state.set('/orders', { 9: { owner: 'ann', total: 1 } })
  t.same(called.splice(0), ['9'])
  t.same(anns.data, { 9: 1 })
  state.set('/orders', [] as never)
  t.same(anns.data, {})
  state.remove('/orders')
  t.same(anns.data, {})
})

t.test('one by one is the same as all at once, after any changes', async () => {
  const fn = (value: unknown, key: string) => key === 'b' || value === true ? undefined : { [key]: value as JsonValue }
  fc.assert(fc.property(fc.array(edit, { maxLength: 15 }), fc.constantFrom('', '/a', '/a/c'), fc.boolean(), (edits, each, watched) => {
    const state = createState<JsonValue>({ a: { b: [1, { c: 2 }, 3], c: { a: 1 } }, d: [] })
    const derived = derive(state, fn, { each })
    let seen: unknown = derived.data
    if (watched) derived.onChange(() => { seen = derived.data })
    for (const one of edits) {
      make(state, one)
      const source = state.get(each) as JsonValue
      const isObject = typeof source === 'object' && source !== null && !Array.isArray(source)
      const expected = isObject
        ? Object.fromEntries(Object.entries(source).flatMap(([key, value]) => {
          const mapped = fn(value, key)
          return mapped === undefined ? [] : [[key, mapped]]
        }))
        : {}
      if (!watched) seen = derived.data
      if (!equalJson(seen as JsonValue, expected)) throw new Error(`${JSON.stringify(seen)} is not ${JSON.stringify(expected)}`)
    }
  }), { numRuns: 1000 })
})

t.test('what the function throws, and what is no JSON, is told, and changes nothing', async (t) => {
  const state = shop()
  const errors: unknown[] = []
  const onError = (error: unknown) => { errors.push(error) }
  const odd = derive(state, ({ open }) => {
    if (!open) throw new Error('closed')
    return 1
  }, { onError })
  t.equal(odd.data, 1)
  const stop = odd.onChange(() => {})
  state.set('/open', false)
  t.match(errors.splice(0), [{ message: 'closed' }])
  t.equal(odd.data, 1)
  stop()
  const each = derive(state, ({ total }) => (total > 100 ? (() => {}) as never : total), { each: '/orders', onError })
  each.onChange(() => {})
  state.patch([{ op: 'replace', path: '/orders/1/total', value: 50 }, { op: 'replace', path: '/orders/2/total', value: 101 }])
  t.match(errors, [{ code: 'JUGGLER_VALUE_INVALID' }])
  t.same(each.data, { 1: 50, 2: 7 }, 'the other member is none of its business')
})

t.test('its text is that of its source of now, whether somebody watches or not', async (t) => {
  const state = shop()
  const open = derive(state, ({ open }) => open)
  t.equal(open.stringify(), 'true')
  state.set('/open', false)
  t.equal(open.stringify(), 'false')
  const stop = open.onChange(() => {})
  state.set('/open', true)
  t.equal(open.stringify(), 'true')
  stop()
})

t.test('a member for which the function throws stays as it was, is tried again, and keeps no other from its change', async (t) => {
  const state = createState<Record<string, Record<string, number>>>({ o: { a: 1, b: 1, c: 1 } })
  const errors: unknown[] = []
  let isBroken = true
  const same = derive(state, (value, key) => {
    if (isBroken && key === 'a') throw new Error(key)
    return value
  }, { each: '/o', onError: (error) => { errors.push(error) } })
  same.onChange(() => {})
  state.patch([{ op: 'replace', path: '/o/a', value: 2 }, { op: 'replace', path: '/o/c', value: 2 }])
  t.same(same.data, { b: 1, c: 2 })
  t.equal(errors.length, 2)
  isBroken = false
  state.set('/o/b', 2)
  t.same(same.data, { a: 2, b: 2, c: 2 })
})

t.test('each below an array, and a change of one member, without a snapshot of all', async (t) => {
  const state = createState<JsonValue>({ shops: [{ o: { a: 1 } }, { o: { b: 2 } }] })
  const first = derive(state, (value) => value, { each: '/shops/0/o' })
  const last = derive(state, (value) => value, { each: ['shops', -1, 'o'] })
  const seen: unknown[] = []
  first.onChange(() => { seen.push(first.data) })
  t.same(first.data, { a: 1 })
  t.same(last.data, { b: 2 })
  state.set('/shops/0/o/a', 3)
  state.remove('/shops/0')
  t.same(seen, [{ a: 3 }, { b: 2 }])
  t.same(last.data, { b: 2 })
  const { tree } = state as unknown as { tree: { root: { shops: Array<{ o: object }> } } }
  const wide = tree.root.shops[0]!.o
  state.set('/shops/0/o/c', 4)
  state.set('/shops/0/o/c', 5)
  t.equal(tree.root.shops[0]!.o, wide, 'it was not copied')
  t.same(first.data, { b: 2, c: 5 })
})

t.test('it can be what connections see: computed once, and let go with the last of them', async (t) => {
  const state = shop()
  let calls = 0
  const byOwner = new Map(['ann', 'ben'].map((owner) => [owner, derive(state, (order) => {
    calls++
    return order.owner === owner ? order as never : undefined
  }, { each: '/orders' })]))
  const { origin } = await startApp(t, { juggler: { autoflushDelay: 0, state: ({ query }) => byOwner.get((query as { as: string }).as)! } })
  const clients = await Promise.all(['ann', 'ann', 'ben'].map((name) => connect(`${origin}/ws?as=${name}`)))
  for (const client of clients) await client.ready
  t.same(clients.map(({ state }) => Object.keys(state.data as object)), [['1'], ['1'], ['2']])
  calls = 0
  const changed = Promise.all(clients.slice(0, 2).map((client) => new Promise<void>((resolve) => client.state.onChange(() => resolve()))))
  state.set('/orders/1/total', 9)
  await changed
  t.same(clients[0]!.state.data, { 1: { owner: 'ann', total: 9 } })
  t.equal(calls, 2, 'once for each derived state')
  await Promise.all(clients.map((client) => client.close()))
  const { listeners } = state as unknown as { listeners: { count: number } }
  for (let i = 0; i < 100 && listeners.count > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10))
  t.equal(listeners.count, 0)
})

t.test('what cannot be', async (t) => {
  const state = shop()
  t.throws(() => derive({} as never, () => 1), { code: 'JUGGLER_OPTION_INVALID' })
  t.throws(() => derive(state, 5 as never), { code: 'JUGGLER_OPTION_INVALID' })
  t.doesNotThrow(() => derive(state, () => 1, null as never))
  t.throws(() => derive(state, () => 1, { paths: [] }), { code: 'JUGGLER_OPTION_INVALID' })
  t.throws(() => derive(state, () => 1, { paths: ['orders'] }), { code: 'JUGGLER_PATH_INVALID' })
  t.throws(() => derive(state, () => 1 as never, { each: 'orders' }), { code: 'JUGGLER_PATH_INVALID' })
})
