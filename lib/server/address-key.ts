/** Whom an address belongs to. */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'

/** The longest address as text, with a zone behind it. Longer names of hops are not told apart by their whole length. */
const maxAddressLength = 64

/**
 * Who counts as one client: an IPv4 address, or the first 64 bits of an IPv6 one, since a single host owns all
 * addresses behind those. A proxy may name hops otherwise: what is longer than an address becomes a digest of 32 characters.
 */
export function addressKey (address: string): string {
  if (isIP(address) !== 6) return address.length <= maxAddressLength ? address : createHash('sha256').update(address).digest().toString('latin1')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = (address.split('%')[0] as string).toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  // an IPv4 tail stands for two groups
  const width = left.length + right.length + (address.includes('.') ? 1 : 0)
  const groups = tail === undefined ? left : [...left, ...Array.from({ length: 8 - width }, () => '0'), ...right]
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}
