/** A TCP proxy on loopback that cuts its connections after random numbers of bytes, in either direction. */
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'

export interface CuttingProxy {
  readonly port: number
  /** Where new connections go; undefined: they are reset. */
  target: number | undefined
  /** The least and most bytes that a connection passes on in one direction; undefined: it is not cut. */
  budget: readonly [least: number, most: number] | undefined
  /** Connections that were cut. */
  readonly cuts: number
  /** Cuts all that is there now. */
  cut (): void
}

/** @param random - from 0 to 1 */
export async function cuttingProxy (t: Test, random: () => number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let cuts = 0
  const server = createServer((near) => {
    sockets.add(near)
    near.on('error', () => {})
    if (proxy.target === undefined) {
      near.resetAndDestroy()
      return
    }
    const far = connect({ port: proxy.target, host: '127.0.0.1' })
    sockets.add(far)
    far.on('error', () => {})
    for (const [from, to] of [[near, far], [far, near]] as const) {
      const [least, most] = proxy.budget ?? [Infinity, Infinity]
      let left = least === Infinity ? Infinity : Math.round(least + random() * (most - least))
      from.on('data', (piece: Buffer) => {
        if (piece.length < left) {
          left -= piece.length
          to.write(piece)
          return
        }
        to.end(piece.subarray(0, left))
        left = 0
        cuts++
        from.destroy()
      })
      from.on('close', () => {
        sockets.delete(from)
        to.destroySoon()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const proxy = {
    port: (server.address() as AddressInfo).port,
    target: undefined as number | undefined,
    budget: undefined as readonly [number, number] | undefined,
    get cuts () { return cuts },
    cut () { for (const socket of sockets) socket.destroy() }
  }
  return proxy
}
