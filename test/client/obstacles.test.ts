import t from 'tap'
import { addressesOf } from '../../lib/client/address.ts'
import { createObstacles, obstacleOf } from '../../lib/client/obstacles.ts'

function play () {
  const codes: string[] = []
  const [one, two] = addressesOf(['ws://one/ws?token=secret', 'ws://user:secret@two/ws'], undefined, undefined, 'me')
  return { codes, one: one!, two: two!, obstacles: createObstacles(({ code }) => codes.push(code)) }
}

t.test('each is told once for each address', async (t) => {
  const { codes, one, two, obstacles } = play()
  for (let i = 0; i < 3; i++) {
    obstacles.login(one, 'login')
    obstacles.login(one, 'redirect')
    obstacles.framing(one)
  }
  t.same(codes, ['JUGGLER_LOGIN_REQUIRED', 'JUGGLER_LOGIN_REDIRECTED', 'JUGGLER_FRAMING_SUSPECTED'])
  obstacles.login(two, 'login')
  t.equal(codes.length, 4)
})

t.test('a login is news again after a connection, a framing is not', async (t) => {
  const { codes, one, obstacles } = play()
  obstacles.opened(one)
  for (let i = 0; i < 2; i++) {
    obstacles.login(one, 'login')
    obstacles.framing(one)
    obstacles.opened(one)
  }
  t.same(codes, ['JUGGLER_LOGIN_REQUIRED', 'JUGGLER_FRAMING_SUSPECTED', 'JUGGLER_LOGIN_REQUIRED'])
})

t.test('the error names the address, and nothing of it that may be secret', async (t) => {
  const { one, two, obstacles } = play()
  t.match(obstacles.login(one, 'login').message, /^one\/ws wants a login/)
  t.match(obstacles.login(two, 'redirect').message, /^two\/ws answers with a redirect/)
})

t.test('what an HTTP status is a sign of', async (t) => {
  t.same([401, 301, 302, 307, 308].map(obstacleOf), ['login', 'redirect', 'redirect', 'redirect', 'redirect'])
  t.same([undefined, 200, 204, 304, 403, 404, 426, 429, 502, 503].map(obstacleOf), Array(10).fill(undefined))
})
