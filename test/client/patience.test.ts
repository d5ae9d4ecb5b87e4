/** How long servers that fall silent are waited for, with a clock that the test moves: a slow line is not a dead server. */
import { mock } from 'node:test'
import t from 'tap'
import type { Environment, Socket } from '../../lib/client/environment.ts'
import { connectIn } from '../../lib/client/client.ts'

mock.timers.enable({ apis: ['setTimeout', 'Date'] })
t.teardown(() => mock.timers.reset())

class PlayedSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number, reason: string }) => void) | null = null
  send (): void {}
  close (code: number, reason: string): void {
    this.onclose!({ code, reason })
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('each connection on which nothing comes in time gives the next twice as long', async (t) => {
  let socket!: PlayedSocket
  const environment: Environment = {
    check () {},
    open () {
      socket = new PlayedSocket()
      return socket
    }
  }
  const reconnect = { minDelay: 1, maxDelay: 1 }
  const connecting = connectIn(environment, 'ws://host/', { pingDelay: 100, pingTimeout: 100, reconnect })
  socket.onopen!()
  const client = await connecting

  /** How long the connection lasts if nothing happens; then there is a new one. */
  const lasts = async () => {
    const start = Date.now()
    while (client.status === 'open') {
      mock.timers.tick(25)
      await turn()
    }
    const time = Date.now() - start
    const before = socket
    while (socket === before) {
      mock.timers.tick(1)
      await turn()
    }
    socket.onopen!()
    return time
  }

  const times: number[] = []
  for (let i = 0; i < 7; i++) times.push(await lasts())
  t.same(times, [200, 300, 500, 900, 1700, 1700, 1700], 'up to 16 times')
  socket.onclose!({ code: 4408, reason: 'as a server says it' })
  await turn()
  await lasts()
  t.equal(await lasts(), 200, 'the usual time after a connection that ended in another way')
  const closing = client.close()
  mock.timers.tick(1)
  await closing
})
