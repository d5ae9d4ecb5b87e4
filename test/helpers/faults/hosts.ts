/** Two hosts on one wire, as network namespaces of Linux, where this process may make them. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)

export interface Hosts {
  /** The namespace of the server, and that of its client. */
  readonly near: string
  readonly far: string
  /** The server's address. */
  readonly address: string
  /** Packets get lost, in one direction or both; neither side is told. */
  drop (direction: 'to the client' | 'to the server'): Promise<void>
  mend (): Promise<void>
}

const addresses = { near: '10.213.0.1', far: '10.213.0.2' }
/** Of no card: frames to it are not taken by the one that they come to. */
const nobody = '02:00:00:00:00:99'

/** @returns why they cannot be made, where they cannot */
export async function twoHosts (t: Test): Promise<Hosts | string> {
  const name = `juggler-${process.pid}-${Math.floor(performance.now())}`
  const near = `${name}-a`
  const far = `${name}-b`
  const ip = async (...args: string[]) => (await run('ip', args)).stdout
  t.teardown(async () => { for (const one of [near, far]) await ip('netns', 'del', one).catch(() => {}) })
  try {
    for (const one of [near, far]) {
      await ip('netns', 'add', one)
      await ip('-n', one, 'link', 'set', 'lo', 'up')
    }
    // The wire is laid inside of the namespaces: this machine's own network sees nothing of it.
    await ip('-n', near, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', far)
    for (const [one, address] of [[near, addresses.near], [far, addresses.far]] as const) {
      await ip('-n', one, 'addr', 'add', `${address}/30`, 'dev', 'wire')
      await ip('-n', one, 'link', 'set', 'wire', 'up')
    }
    const card = async (host: string) => /link\/ether (\S+)/.exec(await ip('-n', host, 'link', 'show', 'wire'))![1]!
    const cards = { near: await card(near), far: await card(far) }
    const knows = (host: string, address: string, card: string) => ip('-n', host, 'neigh', 'replace', address, 'lladdr', card, 'dev', 'wire', 'nud', 'permanent')
    const mend = async () => {
      await knows(near, addresses.far, cards.far)
      await knows(far, addresses.near, cards.near)
    }
    await mend()
    // Processes must be able to live there as well.
    await ip('netns', 'exec', far, process.execPath, '--version')
    return {
      near,
      far,
      address: addresses.near,
      mend,
      drop: async (direction) => {
        if (direction === 'to the client') await knows(near, addresses.far, nobody)
        else await knows(far, addresses.near, nobody)
      }
    }
  } catch (error) {
    return (error as Error).message.split('\n')[0]!
  }
}
