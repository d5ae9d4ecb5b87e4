import { createPrivateKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readPem } from '../../../lib/server/http/pem.ts'
import { encryptKey, makeCertificate } from '../../helpers/certificate.ts'

const own = await makeCertificate()
const other = await makeCertificate()
/** The labels of PEM, in pieces, so that no scanner takes this for a key that leaked. */
const begin = '-----BEGIN '

t.test('takes a key and its certificate in either order, and the rest of the chain', async (t) => {
  const dir = t.testdir()
  const read = (text: string, passphrase?: string) => {
    writeFileSync(join(dir, 'pem'), text)
    return readPem(join(dir, 'pem'), passphrase)
  }
  const expected = { key: own.key.trim(), cert: own.cert.trim() }
  t.same(await read(own.key + own.cert), expected)
  t.same(await read(own.cert + own.key), expected)
  t.same(await read(`a note\r\n${own.key}\n\nanother\n${own.cert}\n`), expected)
  t.same((await read(own.key + own.cert + other.cert)).cert, `${own.cert.trim()}\n${other.cert.trim()}`)
  const sec1 = createPrivateKey(own.key).export({ type: 'sec1', format: 'pem' }) as string
  t.match(await read(sec1 + own.cert), { key: /BEGIN EC PRIVATE KEY/ })
  t.match(await read(encryptKey(own.key, 'pass') + own.cert, 'pass'), { key: /ENCRYPTED/ })
})

t.test('says what is wrong, and never shows the key', async (t) => {
  const dir = t.testdir()
  const fails = async (text: string, message: RegExp, passphrase?: string) => {
    writeFileSync(join(dir, 'pem'), text)
    await readPem(join(dir, 'pem'), passphrase).then(() => t.fail('taken'), (error: Error & { code: string }) => {
      t.equal(error.code, 'FST_JUGGLER_PEM_INVALID')
      t.match(error.message, message)
      t.notOk(error.message.includes(own.key.split('\n')[1]!))
    })
  }
  await fails('', /holds no private key/)
  await fails(own.cert, /holds no private key/)
  await fails(own.key, /holds no certificate/)
  await fails(own.key + other.key + own.cert, /holds 2 private keys/)
  await fails(own.key + other.cert, /cannot be used \(the first certificate is not that of the key\)/)
  await fails(own.key + other.cert + own.cert, /not that of the key/)
  await fails(encryptKey(own.key, 'pass') + own.cert, /is encrypted: give its passphrase as 'tls.passphrase', or decrypt it/)
  await fails(encryptKey(own.key, 'pass') + own.cert, /cannot be used/, 'wrong')
  await fails(`${begin}PRIVATE KEY-----\nrubbish\n-----END PRIVATE KEY-----\n${own.cert}`, /cannot be used/)
  await fails(`${own.key}${begin}CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n`, /cannot be used/)
  await t.rejects(readPem(join(dir, 'none')), { code: 'FST_JUGGLER_PEM_INVALID', message: /cannot read '.*none' \(ENOENT\)/ })
})
