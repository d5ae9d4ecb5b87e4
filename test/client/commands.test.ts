import t from 'tap'
import type { SendOptions } from '../../types/client.ts'
import { createRequests } from '../../lib/client/requests.ts'
import { randomName } from '../../lib/client/commands.ts'

/** Requests on connections that the test plays. */
function play () {
  const sent: Array<Record<string, unknown>> = []
  let isOpen = true
  const requests = createRequests(() => isOpen ? (text) => { sent.push(JSON.parse(text) as Record<string, unknown>) } : undefined)
  return {
    sent,
    requests,
    /** What was sent since this was called last. */
    taken: () => sent.splice(0),
    answer: (id: unknown, data: unknown, members: object = {}, success = true) => {
      requests.answer({ type: 'response', id: id as number, success, data: data as null, ...members })
    },
    lose (forGood = false, reason = '') {
      isOpen = false
      requests.lost({ code: reason ? 1001 : 1006, reason }, forGood)
    },
    open () {
      isOpen = true
      requests.opened()
    }
  }
}

const told = { journal: 'J', now: 1_000_000 }

t.test('the server is asked where it stands first, once a connection; then commands go at once', async (t) => {
  const { requests, taken, answer } = play()
  const one = requests.send('start', { id: 7 }, { key: 'one', expect: { path: '/a', value: 1 } })
  const two = requests.send('start', { id: 8 }, { key: true })
  const [probe, ...rest] = taken()
  t.match(probe, { type: 'request', id: 1, name: '', data: null, key: '?' })
  t.equal(rest.length, 0)
  answer(1, null, told)
  const [first, second] = taken()
  t.match(first, { id: 2, name: 'start', data: { id: 7 }, key: 'one', journal: 'J', expires: Number, expect: { path: '/a', value: 1 } })
  t.ok(Math.abs(first!['expires'] as number - 1_010_000) < 1000, 'ten seconds on the clock of the server')
  t.match(second, { id: 3, key: /^\d+(-\d+){3}$/, journal: 'J' })
  t.notOk('expect' in second!)
  answer(2, 'done', told)
  answer(3, { code: 'X' }, told, false)
  t.equal(await one, 'done')
  await t.rejects(two, { name: 'JugglerError' })
  requests.send('start', null, { key: 'three', expires: 500 })
  const [third] = taken()
  t.match(third, { id: 4, key: 'three' })
  t.ok(third!['expires'] as number < 1_001_500)
})

t.test('a server whose clock says the same as the own one has told it', async (t) => {
  const { requests, taken, answer } = play()
  const { now } = performance
  t.teardown(() => { performance.now = now })
  performance.now = () => 5000
  requests.send('start', 1, { key: 'k', expires: 500 })
  taken()
  answer(1, null, { journal: 'J', now: 5000 })
  t.match(taken(), [{ name: 'start', key: 'k', journal: 'J', expires: 5500 }])
})

t.test('a repeat has the deadline of the first sending, whatever the clock says by then', async (t) => {
  const { requests, taken, answer, lose, open } = play()
  requests.send('start', 1, { key: 'k' })
  taken()
  answer(1, null, told)
  const [first] = taken()
  lose()
  open()
  taken()
  answer(3, null, { ...told, now: 1_000_500 })
  const [repeat] = taken()
  t.match(repeat, { name: 'start', key: 'k', journal: 'J' })
  t.equal(repeat!['expires'], first!['expires'])
  lose(false, 'server is shutting down')
  open()
  taken()
  answer(5, null, { journal: 'K', now: 5 })
  t.match(taken(), [{ name: 'start', key: 'k', journal: 'J' }], 'of a connection that was not its first nobody knows')
})

t.test('what is sent behind a command does not overtake it', async (t) => {
  const { requests, taken, answer, lose, open } = play()
  requests.send('start', 1, { key: 'k' })
  const stop = requests.send('stop', 2)
  const control = new AbortController()
  const aborted = requests.send('never', 3, { signal: control.signal })
  requests.send('again', 4, { key: 'l' })
  control.abort(new Error('given up'))
  await t.rejects(aborted, { message: 'given up' })
  t.match(taken(), [{ name: '' }])
  answer(1, null, told)
  t.same(taken().map(({ name }) => name), ['start', 'stop', 'again'])
  answer(3, 'stopped')
  t.equal(await stop, 'stopped')
  lose()
  open()
  const behind = requests.send('stop', 5)
  t.match(taken(), [{ name: '', key: '?' }], 'behind those that are sent again as well')
  lose()
  await t.rejects(behind, { code: 'JUGGLER_CONNECTION_CLOSED' })
})

t.test('after a loss a command is sent again under the memory that it was sent to first, a request is not', async (t) => {
  const { requests, taken, answer, lose, open } = play()
  const command = requests.send('start', 1, { key: 'k' })
  answer(1, null, told)
  const request = requests.send('plain', 2)
  const [, first] = taken()
  lose()
  await t.rejects(request, { code: 'JUGGLER_CONNECTION_CLOSED' })
  await t.rejects(requests.send('start', 1, { key: 'other' }), { code: 'JUGGLER_CONNECTION_CLOSED' }, 'while not open it rejects at once')
  open()
  const [probe] = taken()
  t.match(probe, { name: '', key: '?' })
  answer(2, 'late answer of the lost connection')
  answer(probe!['id'], null, { journal: 'another', now: 5 })
  const [again] = taken()
  t.match(again, { name: 'start', data: 1, key: 'k', journal: 'J' })
  t.equal(again!['expires'], first!['expires'])
  t.ok((again!['id'] as number) > (first!['id'] as number))
  answer(again!['id'], { code: 'JUGGLER_OUTCOME_UNKNOWN' }, {}, false)
  await t.rejects(command, { data: { code: 'JUGGLER_OUTCOME_UNKNOWN' } } as unknown as Error)
  lose()
  open()
  t.same(taken(), [], 'what is settled is not sent again')
})

t.test('a command that waits for the server\'s clock goes on the next connection', async (t) => {
  const { requests, taken, answer, lose, open } = play()
  const command = requests.send('start', 1, { key: 'k' })
  lose()
  open()
  const probes = taken()
  t.equal(probes.length, 2)
  answer(probes[1]!['id'], null, told)
  const [sent] = taken()
  t.match(sent, { name: 'start', journal: 'J' })
  answer(sent!['id'], 5)
  t.equal(await command, 5)
})

t.test('a server that knows no commands is sent none twice, and none that must be guarded', async (t) => {
  const { requests, taken, answer, lose, open } = play()
  const plain = requests.send('start', 1, { key: 'k' })
  const guarded = [requests.send('start', 1, { key: 'k2', expires: 500 }), requests.send('start', 1, { key: 'k3', expect: { path: '', value: 1 } })]
  answer(1, null)
  t.match(taken().slice(1), [{ name: 'start', key: 'k' }])
  for (const promise of guarded) await t.rejects(promise, { data: { code: 'JUGGLER_COMMANDS_UNSUPPORTED' } } as unknown as Error)
  lose()
  await t.rejects(plain, { code: 'JUGGLER_CONNECTION_CLOSED' })
  open()
  t.same(taken(), [])
  const known = requests.send('start', 1, { key: 'k4' })
  answer(taken()[0]!['id'], null, told)
  lose()
  open()
  const probe = taken().at(-1)
  answer(probe!['id'], null)
  await t.rejects(known, { data: { code: 'JUGGLER_OUTCOME_UNKNOWN' } } as unknown as Error, 'this server has never told of a memory')
})

t.test('whoever gives a command up, or closes, waits no longer', async (t) => {
  const { requests, taken, answer, lose, open } = play()
  const control = new AbortController()
  const aborted = requests.send('start', 1, { key: 'a', signal: control.signal })
  const late = requests.send('start', 1, { key: 'b', timeout: 5 })
  answer(1, null, told)
  control.abort(new Error('given up'))
  await t.rejects(aborted, { message: 'given up' })
  await t.rejects(late, { code: 'JUGGLER_REQUEST_TIMEOUT' })
  const closed = requests.send('start', 1, { key: 'c' })
  taken()
  lose()
  open()
  const [probe] = taken()
  answer(probe!['id'], null, told)
  t.match(taken(), [{ key: 'c' }], 'those that were given up are not sent again')
  lose()
  lose(true)
  await t.rejects(closed, { code: 'JUGGLER_CONNECTION_CLOSED' })
})

t.test('a server that is about to close has not run it: it goes to the next one', async (t) => {
  const { requests, taken, answer, lose, open } = play()
  const command = requests.send('start', 1, { key: 'k' })
  const plain = requests.send('plain', 1)
  answer(1, null, told)
  const sent = taken().slice(1)
  for (const { id } of sent) answer(id, { code: 'JUGGLER_CLOSING', message: '' }, told, false)
  await t.rejects(plain, { data: { code: 'JUGGLER_CLOSING' } } as unknown as Error, 'a request is not repeated')
  lose()
  open()
  const [probe] = taken()
  answer(probe!['id'], null, { journal: 'another', now: 5 })
  const [again] = taken()
  t.match(again, { name: 'start', key: 'k', journal: 'another' })
  answer(again!['id'], 'done')
  t.equal(await command, 'done')
})

t.test('a server that closes in good order has run what it has answered, and no more', async (t) => {
  const { requests, taken, answer, lose, open } = play()
  const sendAll = (journal: string) => {
    const probe = taken()[0]
    answer(probe!['id'], null, { journal, now: 5 })
    return taken()
  }
  const first = requests.send('start', 1, { key: 'k' })
  t.match(sendAll('one'), [{ journal: 'one' }])
  lose(false, 'server is shutting down')
  open()
  t.match(sendAll('two'), [{ journal: 'two' }], 'it is new to the next one')
  lose()
  open()
  t.match(sendAll('two'), [{ journal: 'two' }])
  lose(false, 'try again later')
  open()
  t.match(sendAll('three'), [{ journal: 'two' }], 'it may be running there since the connection before')
  const second = requests.send('start', 2, { key: 'l' })
  taken()
  lose(false, 'server is shutting down; handlers were cut')
  open()
  const sent = sendAll('four')
  t.match(sent.at(-1), { key: 'l', journal: 'three' })
  for (const { id } of sent) answer(id, 'done')
  t.same(await Promise.all([first, second]), ['done', 'done'])
})

t.test('options that cannot be', async (t) => {
  const { requests } = play()
  const cases: SendOptions[] = [{ key: '' }, { key: 'x'.repeat(129) }, { key: 7 as never }, { key: false as never }, { key: 'k', expires: 0 }, { key: 'k', expires: 1.5 }]
  for (const options of cases) await t.rejects(requests.send('a', null, options), { code: 'JUGGLER_OPTION_INVALID' }, JSON.stringify(options))
  t.not(randomName(), randomName())
})

t.test('the clock of the server is asked for again after a time, in which clocks drift and machines sleep', async (t) => {
  const { requests, taken, answer } = play()
  requests.send('start', 1, { key: 'k' })
  answer(1, null, told)
  requests.send('start', 2, { key: 'l' })
  t.match(taken(), [{ name: '' }, { key: 'k' }, { key: 'l' }])
  const { now } = Date
  t.teardown(() => { Date.now = now })
  Date.now = () => now() + 100_000
  requests.send('start', 3, { key: 'm' })
  const [probe, ...rest] = taken()
  t.match(probe, { name: '', key: '?' })
  t.equal(rest.length, 0)
  answer(probe!['id'], null, { journal: 'J', now: 500_000 })
  const [third] = taken()
  t.match(third, { key: 'm', journal: 'J' })
  t.ok(third!['expires'] as number < 600_000, 'by the new clock, although it is behind the old one')
})

t.test('an expected value that JSON cannot carry rejects with a code', async (t) => {
  const { requests } = play()
  await t.rejects(requests.send('start', 1, { key: 'k', expect: { path: '', value: 1n as never } }), { code: 'JUGGLER_VALUE_INVALID' })
})

t.test('what the server closes three connections for is not asked a fourth time, and nothing else is given up for it', async (t) => {
  for (const code of [1009, 4400, 4429]) {
    const { requests, taken, answer, open } = play()
    const poison = requests.send('start', 'x', { key: 'poison' })
    const other = requests.send('start', 1, { key: 'other' })
    for (let id = 1, times = 0; times < 3; times++, id += 3) {
      t.match(taken(), [{ key: '?' }])
      answer(id, null, told)
      t.same(taken().map(({ key }) => key), ['poison', 'other'])
      requests.lost({ code, reason: '' }, false)
      open()
    }
    t.match(await poison.catch((error: unknown) => error), { data: { code: 'JUGGLER_OUTCOME_UNKNOWN' } })
    await new Promise(setImmediate)
    t.match(taken(), [{ key: '?' }])
    answer(10, null, told)
    const [last, ...more] = taken()
    t.match([last, more], [{ key: 'other' }, []])
    answer(last!['id'], 'done', told)
    t.equal(await other, 'done')
  }
})
