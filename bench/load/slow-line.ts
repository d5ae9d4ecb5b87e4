/** A slow line to a server: a TCP proxy that lets so many bytes a second through to each client. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'

const slice = 50

export class SlowLine {
  /** Connections that the server ended. */
  cut = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor (port: number, bytesPerSecond: number) {
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1'), bytesPerSecond))
  }

  static async open (port: number, bytesPerSecond: number): Promise<SlowLine> {
    const line = new SlowLine(port, bytesPerSecond)
    await once(line.#server.listen(0, '127.0.0.1'), 'listening')
    return line
  }

  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  close (): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** The server's bytes are read no sooner than they go on, so that whatever lies between is full. */
  #join (client: Socket, server: Socket, bytesPerSecond: number): void {
    const share = Math.round(bytesPerSecond * slice / 1000)
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
    }
    client.pipe(server)
    const timer = setInterval(() => {
      const chunk = server.read(Math.min(share, server.readableLength)) as Buffer | null
      if (chunk !== null) client.write(chunk)
    }, slice)
    server.on('readable', () => {})
    server.on('end', () => {
      this.cut++
      client.end()
    })
    server.on('close', () => clearInterval(timer))
    client.on('close', () => server.destroy())
  }
}
