/** The list of clients and the tree of servers keep the same promises. */
import t from 'tap'
import { createListeners } from '../../../lib/state/reading/listeners.ts'
import { createWatchTree } from '../../../lib/state/store/watch-tree.ts'

for (const create of [createListeners, createWatchTree]) {
  function collect () {
    const calls: string[] = []
    const listeners = create<[]>((error) => { throw error })
    const listen = (name: string, pointer?: string) => listeners.add(() => calls.push(name), pointer)
    const after = (...places: string[]): string[] => {
      calls.length = 0
      listeners.emit([], new Set(places))
      return [...calls]
    }
    return { listeners, listen, after }
  }

  t.test(`${create.name}: concerned are those above, at and below, in the order of registration, once`, async (t) => {
    const { listen, after } = collect()
    listen('abc', '/a/b/c')
    listen('all')
    listen('ab', '/a/b')
    listen('ax', '/a/x')
    listen('empty', '/')
    t.same(after('/a/b'), ['abc', 'all', 'ab'])
    t.same(after('/a/b/c/d', '/a/x'), ['abc', 'all', 'ab', 'ax'])
    t.same(after('/a/b', '/a/b', ''), ['abc', 'all', 'ab', 'ax', 'empty'])
    t.same(after('/z'), ['all'])
    t.same(after('/a/'), ['all'])
    t.same(after('/'), ['all', 'empty'])
    t.same(after('/ab'), ['all'], 'a name that starts like another is another')
    t.same(after(), ['all'], 'who listens to everything hears of changes that change nothing')
  })

  t.test(`${create.name}: the same listener may be added twice, each end ends one, and nothing is left`, async (t) => {
    const { listen, after } = collect()
    const ends = [listen('same', '/a/b'), listen('same', '/a/b')]
    t.same(after('/a'), ['same', 'same'])
    ends[0]!()
    ends[0]!()
    t.same(after('/a'), ['same'])
    ends[1]!()
    t.same(after('/a', ''), [])
  })

  t.test(`${create.name}: calls everybody with what is told, and reports who throws`, async (t) => {
    const errors: unknown[] = []
    const calls: unknown[] = []
    const listeners = create<[number, string?]>((error) => errors.push(error))
    listeners.add((...args) => calls.push(['a', ...args]))
    listeners.add(() => { throw new Error('thrown') })
    listeners.add(async () => { throw new Error('rejected') })
    const stop = listeners.add((...args) => calls.push(['b', ...args]))
    listeners.emit([1, 'x'])
    stop()
    listeners.emit([2])
    await new Promise((resolve) => setImmediate(resolve))
    t.same(calls, [['a', 1, 'x'], ['b', 1, 'x'], ['a', 2]])
    t.same(errors.map((error) => (error as Error).message), ['thrown', 'thrown', 'rejected', 'rejected'])
  })

  t.test(`${create.name}: who comes or goes meanwhile counts from the next time`, async (t) => {
    const calls: string[] = []
    const listeners = create<[]>(() => {})
    let late: () => void = () => {}
    listeners.add(() => {
      late()
      listeners.add(() => calls.push('new'))
    })
    late = listeners.add(() => calls.push('gone'))
    listeners.emit([])
    t.same(calls, ['gone'])
    listeners.emit([])
    t.same(calls, ['gone', 'new'])
  })

  t.test(`${create.name}: what a listener emits comes after what everybody is being told`, async (t) => {
    const calls: unknown[] = []
    const listeners = create<[number]>(() => {})
    listeners.add((n) => { if (n < 3) listeners.emit([n + 1]) })
    listeners.add((n) => calls.push(n))
    listeners.emit([1])
    t.same(calls, [1, 2, 3])
  })

  t.test(`${create.name}: only functions listen, and report`, async (t) => {
    t.throws(() => create(() => {}).add('me' as never), { code: 'JUGGLER_OPTION_INVALID' })
    t.throws(() => create('me' as never), { code: 'JUGGLER_OPTION_INVALID' })
  })

  t.test(`${create.name}: an error handler that throws is reported itself`, async (t) => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    create(() => { throw new Error('of the handler') }).report(new Error('of a listener'))
    t.match(await warned, { message: 'of the handler' })
  })
}
