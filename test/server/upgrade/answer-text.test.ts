import t from 'tap'
import { FST_JUGGLER_CLOSING, FST_JUGGLER_UPGRADE_TIMEOUT } from '../../../lib/server/errors.ts'
import { answerText } from '../../../lib/server/upgrade/answer-text.ts'

t.test('an error as Fastify would answer it, on a connection that ends', async (t) => {
  const body = '{"statusCode":504,"code":"FST_JUGGLER_UPGRADE_TIMEOUT","error":"Gateway Timeout","message":"the upgrade could not be answered in time"}'
  t.equal(answerText(new FST_JUGGLER_UPGRADE_TIMEOUT()), 'HTTP/1.1 504 Gateway Timeout\r\nConnection: close\r\n' +
    `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
})

t.test('who is to come again is told when', async (t) => {
  t.match(answerText(new FST_JUGGLER_CLOSING()), /^HTTP\/1.1 503 Service Unavailable\r\n[^]*\r\nRetry-After: 1\r\n/)
})

t.test('the length is in bytes, and what has no status is an error of the server', async (t) => {
  t.match(answerText({ code: 'X', message: 'é' }), /^HTTP\/1.1 500 Internal Server Error\r\n[^]*Content-Length: 76\r\n/)
})
