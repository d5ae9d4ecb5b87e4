/** How many connections there may be: of all clients together, and of one address. */
import { addressKey } from '../address-key.ts'
import type { Monitor } from '../operations/monitor.ts'
import { FST_JUGGLER_ADDRESS_FULL, FST_JUGGLER_CONNECTIONS_FULL } from '../errors.ts'

export interface AdmissionLimits {
  readonly connections: number
  /** `null`: as many as there are. */
  readonly connectionsPerAddress: number | null
}

/**
 * Counts connections from the answer to their upgrade until their socket is gone. Of upgrades that are answered at one
 * time a few more may be let in than there is room for, so that a connection is looked at once more when it is there.
 */
export class Admission {
  readonly #limits: AdmissionLimits
  readonly #monitor: Pick<Monitor, 'limit'>
  readonly #warn: (details: object, message: string) => void
  readonly #addresses = new Map<string, number>()
  #count = 0
  /** Whether the log knows that there is no room; it is told of a burst once. */
  #isKnown = false

  /** @param warn - writes a line of the log */
  constructor (limits: AdmissionLimits, monitor: Pick<Monitor, 'limit'>, warn: (details: object, message: string) => void) {
    this.#limits = limits
    this.#monitor = monitor
    this.#warn = warn
  }

  /**
   * Looks whether one more may come.
   *
   * @param remote - tells its address
   * @throws FST_JUGGLER_CONNECTIONS_FULL, FST_JUGGLER_ADDRESS_FULL
   */
  check (remote: () => string): void {
    const { connections, connectionsPerAddress } = this.#limits
    if (this.#count >= connections) {
      this.#monitor.limit('connections', undefined, remote())
      this.#tell({ connections }, "connections are refused with 503: there are as many as 'limits.connections' allows")
      throw new FST_JUGGLER_CONNECTIONS_FULL()
    }
    if (connectionsPerAddress === null) return
    const address = remote()
    if ((this.#addresses.get(addressKey(address)) ?? 0) >= connectionsPerAddress) {
      this.#monitor.limit('connectionsPerAddress', undefined, address)
      this.#tell({ connectionsPerAddress, remote: address }, "connections are refused with 429: their address has as many as 'limits.connectionsPerAddress' allows")
      throw new FST_JUGGLER_ADDRESS_FULL()
    }
  }

  /** One has come. @returns whether there is room for it */
  add (remote: string): boolean {
    const { connections, connectionsPerAddress } = this.#limits
    const isFull = ++this.#count > connections
    let isAddressFull = false
    if (connectionsPerAddress !== null) {
      const key = addressKey(remote)
      const ofAddress = (this.#addresses.get(key) ?? 0) + 1
      this.#addresses.set(key, ofAddress)
      isAddressFull = ofAddress > connectionsPerAddress
    }
    if (isFull) this.#monitor.limit('connections', undefined, remote)
    else if (isAddressFull) this.#monitor.limit('connectionsPerAddress', undefined, remote)
    return !isFull && !isAddressFull
  }

  /** The socket of one is gone. */
  delete (remote: string): void {
    this.#count--
    this.#isKnown = false
    if (this.#limits.connectionsPerAddress === null) return
    const key = addressKey(remote)
    const ofAddress = this.#addresses.get(key)! - 1
    if (ofAddress === 0) this.#addresses.delete(key)
    else this.#addresses.set(key, ofAddress)
  }

  #tell (details: object, message: string): void {
    if (this.#isKnown) return
    this.#isKnown = true
    this.#warn(details, message)
  }
}
