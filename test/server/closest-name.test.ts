import t from 'tap'
import { closestName } from '../../lib/server/closest-name.ts'

const names = ['wsPath', 'state', 'staticDir', 'autoflushDelay', 'pingDelay', 'pingTimeout']

t.test('a mistyped name is recognised', async (t) => {
  t.equal(closestName('autoFlushDelay', names), 'autoflushDelay')
  t.equal(closestName('wspath', names), 'wsPath')
  t.equal(closestName('pingTimeOut', names), 'pingTimeout')
  t.equal(closestName('pnigDelay', names), 'pingDelay')
  t.equal(closestName('stat', names), 'state')
})

t.test('a name that resembles none is left alone', async (t) => {
  t.equal(closestName('colour', names), undefined)
  t.equal(closestName('', names), undefined)
  t.equal(closestName('x'.repeat(100000), names), undefined)
})
