import t from 'tap'
import * as catalogue from '../../../lib/server/errors.ts'
import * as errors from '../../../lib/server/http/errors.ts'

t.test("every class is called like its code, and is in the server's catalogue", async (t) => {
  for (const [name, Class] of Object.entries(errors)) {
    const error = new (Class as unknown as new () => Error & { code: string, statusCode: number })()
    t.equal(error.code, name)
    t.ok(error.statusCode >= 400)
    t.equal((catalogue as Record<string, unknown>)[name], Class)
  }
})

t.test('what anybody can cause takes no stack trace', async (t) => {
  for (const Class of [errors.FST_JUGGLER_UNAUTHORIZED, errors.FST_JUGGLER_THROTTLED, errors.FST_JUGGLER_LOGIN_BUSY, errors.FST_JUGGLER_HOST_REFUSED, errors.FST_JUGGLER_ORIGIN_REFUSED]) {
    t.notMatch(new Class().stack ?? '', /\n\s+at /)
  }
})
