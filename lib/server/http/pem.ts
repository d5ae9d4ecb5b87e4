/** Reads a PEM file with a private key and certificates, and says what is wrong with it before a client finds out. */
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { FST_JUGGLER_PEM_INVALID } from '../errors.ts'

/** What `tls.createServer` takes. */
export interface KeyAndCertificate { readonly key: string, readonly cert: string }

const block = (label: string): RegExp => new RegExp(`-----BEGIN ${label}-----[\\s\\S]+?-----END ${label}-----`, 'g')
const keyBlock = block('(?:[A-Z]+ )*PRIVATE KEY')
const certificateBlock = block('CERTIFICATE')

/**
 * @param path - absolute
 * @param passphrase - of an encrypted key
 * @throws FST_JUGGLER_PEM_INVALID; no part of the key is ever in the message
 */
export async function readPem (path: string, passphrase?: string): Promise<KeyAndCertificate> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new FST_JUGGLER_PEM_INVALID(`cannot read '${path}' (${(error as NodeJS.ErrnoException).code})`)
  }
  const keys = text.match(keyBlock) ?? []
  const certificates = text.match(certificateBlock) ?? []
  const [key] = keys
  const [own] = certificates
  if (key === undefined) throw new FST_JUGGLER_PEM_INVALID(`'${path}' holds no private key; it needs a key and its certificate`)
  if (keys.length > 1) throw new FST_JUGGLER_PEM_INVALID(`'${path}' holds ${keys.length} private keys, expected one`)
  if (own === undefined) throw new FST_JUGGLER_PEM_INVALID(`'${path}' holds no certificate; it needs a key and its certificate`)
  if (/ENCRYPTED/.test(key) && passphrase === undefined) {
    throw new FST_JUGGLER_PEM_INVALID(`the key in '${path}' is encrypted: give its passphrase as 'tls.passphrase', or decrypt it`)
  }
  const cert = certificates.join('\n')
  try {
    const privateKey = createPrivateKey({ key, passphrase })
    if (!new X509Certificate(own).checkPrivateKey(privateKey)) throw new Error('the first certificate is not that of the key')
    createSecureContext({ key, cert, passphrase })
  } catch (error) {
    throw new FST_JUGGLER_PEM_INVALID(`'${path}' cannot be used (${(error as Error).message})`)
  }
  return { key, cert }
}
