/** Makes keys and certificates for TLS on this machine, valid for a day. */
import { createPrivateKey } from 'node:crypto'
import { generate } from 'selfsigned'
import type { SelfsignedOptions } from 'selfsigned'

export interface Certificate { readonly key: string, readonly cert: string }

/** For `localhost` and both of its addresses; with `ca`, signed by that one instead of by itself. */
export async function makeCertificate (ca?: Certificate, authority = false): Promise<Certificate> {
  const options: SelfsignedOptions = {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    notAfterDate: new Date(Date.now() + 86_400_000),
    ...(ca && { ca }),
    extensions: [
      { name: 'basicConstraints', cA: authority || ca === undefined, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }, { type: 7, ip: '127.0.0.1' }, { type: 7, ip: '::1' }] }
    ]
  }
  const { private: key, cert } = await generate([{ name: 'commonName', value: authority ? 'authority' : 'localhost' }], options)
  return { key, cert }
}

export function encryptKey (key: string, passphrase: string): string {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string
}
