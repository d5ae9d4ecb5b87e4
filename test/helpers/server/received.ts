/** What a stock WebSocket client makes of a stream of server frames. */
import * as ws from 'ws'

interface DeflateExtension { accept (offers: object[]): object, cleanup (): void }

// public, but not in the types
const { PerMessageDeflate, Receiver } = ws as unknown as {
  PerMessageDeflate: new (options: object) => DeflateExtension
  Receiver: new (options: object) => NodeJS.WritableStream
}

/** The texts of the messages in these buffers, which may be cut anywhere. Rejects with what `ws` has against them. */
export const received = (buffers: readonly Buffer[]): Promise<string[]> =>
  read(buffers, { server_no_context_takeover: [true], client_no_context_takeover: [true] })

/** The same of a client that keeps its window between messages. */
export const receivedRemembering = (buffers: readonly Buffer[]): Promise<string[]> => read(buffers, { client_no_context_takeover: [true] })

function read (buffers: readonly Buffer[], agreed: object): Promise<string[]> {
  const deflate = new PerMessageDeflate({})
  deflate.accept([agreed])
  const receiver = new Receiver({ isServer: false, extensions: { 'permessage-deflate': deflate } })
  return new Promise((resolve, reject) => {
    const texts: string[] = []
    receiver.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) reject(new Error('a binary message'))
      texts.push(data.toString())
    })
    receiver.on('error', reject)
    receiver.on('finish', () => {
      deflate.cleanup()
      resolve(texts)
    })
    for (const buffer of buffers) receiver.write(Buffer.from(buffer))
    receiver.end()
  })
}
