/** Makes keys and certificates for TLS on this machine, valid for a day. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import type { PeerCertificate } from 'node:tls'
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

/**
 * What TLS clients of a test check the server's name with. Node's own check finds no IPv6 address in a certificate in
 * Node 22.23 and some versions of 24 and 26 (nodejs/node#64144), so OpenSSL looks for those. For `checkServerIdentity`
 * of ws, whose types promise a boolean and something else than a certificate: it hands the function to Node as it is.
 */
export function checkIdentity (host: string, certificate: unknown): never {
  const { raw } = certificate as PeerCertificate
  if (!isIPv6(host)) return checkServerIdentity(host, certificate as PeerCertificate) as never
  return (new X509Certificate(raw).checkIP(host) ? undefined : new Error(`the certificate is not for ${host}`)) as never
}

export function encryptKey (key: string, passphrase: string): string {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }) as string
}
