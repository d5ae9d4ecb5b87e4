/** Load for echo.ts: raw sockets that keep a number of echo requests outstanding. argv: port, clients, outstanding. */
import { connect } from 'node:net'

const [port, clients, outstanding] = process.argv.slice(2).map(Number) as [number, number, number]
const request = Buffer.from('{"type":"request","id":12345,"name":"","data":{"device":"pump-7","speed":1450,"on":true}}')
// masked with zeros: a valid client frame that costs the load generator nothing
const frame = Buffer.concat([Buffer.from([0x81, 0x80 | request.length, 0, 0, 0, 0]), request])
const frames = Array.from({ length: outstanding + 1 }, (_, n) => Buffer.concat(Array<Buffer>(n).fill(frame)))
let answers = 0

for (let i = 0; i < clients; i++) {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay()
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
  let open = false
  let bytes = 0
  let frameLength = 0
  socket.on('data', (chunk: Buffer) => {
    if (!open) {
      open = true
      socket.write(frames[outstanding]!)
      return
    }
    // all answers have one length
    frameLength ||= 2 + chunk[1]!
    bytes += chunk.length
    const complete = Math.floor(bytes / frameLength)
    bytes -= complete * frameLength
    answers += complete
    if (complete > 0) socket.write(frames[complete]!)
  })
  socket.on('error', () => {})
}
process.on('message', () => process.send!(answers))
