/** Both environments keep one contract: the client's basics, with the page's on a standard WebSocket. */
import t from 'tap'
import { WebSocket } from 'ws'
import { connectIn } from '../../lib/client/client.ts'
import { browser } from '../../lib/client/environment.browser.ts'
import { node } from '../../lib/client/environment.node.ts'
import { contextOf } from '../helpers/client/run.ts'
import { basics, framings } from '../helpers/client/suite.ts'

/** A page's own WebSocket needs nobody who listens for its errors; Node's emitters do. */
class PageSocket extends WebSocket {
  constructor (url: string) {
    super(url)
    this.on('error', () => {})
  }
}

Object.assign(globalThis, { WebSocket: PageSocket })

for (const [name, environment] of Object.entries({ browser, node })) {
  t.test(name, async (t) => {
    for (const [title, run] of Object.entries({ ...basics, ...framings })) {
      await run(contextOf(t, (address, options) => connectIn(environment, address, options)))
      t.pass(title)
    }
  })
}
