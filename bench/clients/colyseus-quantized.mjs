/** The same client, for a screen of two decimals: what it is sent is not what was set, but rounds to it. */
import connectExact from './colyseus.mjs'

/** @type {import('./host.ts').Connect} */
export default async function connect (port) {
  const read = await connectExact(port)
  return () => {
    const { devices } = JSON.parse(JSON.stringify(read()))
    for (const device of Object.values(devices)) device.temp = Math.round(device.temp * 100) / 100
    return { devices }
  }
}
