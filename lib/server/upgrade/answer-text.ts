/** An error as the text of an HTTP answer, for sockets that no response object looks after. */
import { STATUS_CODES } from 'node:http'

/** The answer that Fastify would give to the error, on a connection that ends with it. */
export function answerText ({ code, message, statusCode = 500 }: { code: string, message: string, statusCode?: number }): string {
  const error = STATUS_CODES[statusCode]
  const body = JSON.stringify({ statusCode, code, error, message })
  return [
    `HTTP/1.1 ${statusCode} ${error}`,
    'Connection: close',
    // What is busy now, or about to go, may be asked again soon.
    ...statusCode === 503 ? ['Retry-After: 1'] : [],
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body
  ].join('\r\n')
}
