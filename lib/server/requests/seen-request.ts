/** A request as hooks see it. */
import type { JsonValue } from '../../../types/json.ts'
import type { RequestMessage } from '../../../types/protocol.ts'
import type { HookRequest, RequestContext } from '../../../types/server.ts'
import { parseRequest } from '../../protocol/messages.ts'

export class SeenRequest implements HookRequest {
  readonly #request: RequestMessage
  readonly #context: RequestContext
  /** The message. */
  readonly #text: string
  /** The data as it was sent, once others may have changed what the request holds. */
  #data: JsonValue | undefined
  /** Whether the hooks that may refuse it have all been asked. */
  isAllowed = false

  /** @param text - the message that the request came in */
  constructor (request: RequestMessage, context: RequestContext, text: string) {
    this.#request = request
    this.#context = context
    this.#text = text
  }

  get name () { return this.#request.name }
  get id () { return this.#request.id }
  get log () { return this.#context.log }

  /** Once the request is allowed, defaults are filled in, and the handler has it: hooks get a copy of their own. */
  get data (): JsonValue {
    return this.isAllowed ? (this.#data ??= parseRequest(this.#text).data) : this.#request.data
  }

  get key (): string | undefined {
    return keyOf(this.#request)
  }
}

/** The key of a command, where it can be one. */
export const keyOf = ({ key }: RequestMessage): string | undefined => typeof key === 'string' ? key : undefined
