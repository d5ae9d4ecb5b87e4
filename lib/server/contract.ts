/** `fastify.juggler` as a contract has it: what the contract lacks is refused, and what it has is checked. */
import { isDeepStrictEqual } from 'node:util'
import type { ContractDefinition, ContractJuggler } from '../../types/contract.ts'
import type { HandleOptions, Juggler, RequestHandler } from '../../types/server.ts'
import { createState } from '../state/state.ts'
import { FST_JUGGLER_CONTRACT_BYPASSED, FST_JUGGLER_CONTRACT_UNKNOWN, FST_JUGGLER_HANDLER_MISSING, FST_JUGGLER_OPTION_CONFLICT } from './errors.ts'
import type { Router } from './requests/router.ts'

/** The contracts of one registration. */
export class Contracts {
  readonly #router: Router
  readonly #definitions = new Set<ContractDefinition>()

  constructor (router: Router) {
    this.#router = router
  }

  /**
   * @param juggler - of the scope that the contract is used in
   * @throws FST_JUGGLER_CONTRACT_BYPASSED
   */
  take (definition: ContractDefinition, juggler: Juggler): ContractJuggler<ContractDefinition> {
    const { requests = {}, notifications = {} } = definition
    for (const name of Object.keys(requests)) if (this.#router.has(name)) held(name, requests[name]!, this.#router.route(name).options.schema)
    this.#definitions.add(definition)
    return {
      ...juggler,
      createState: (initial: unknown, options?: object) => createState(initial, options),
      handle (name: string, ...rest: unknown[]) {
        known('request', name, requests)
        const [options, handler] = rest.length > 1 ? rest : [{}, rest[0]]
        if (Object.hasOwn(Object(options), 'schema')) throw new FST_JUGGLER_OPTION_CONFLICT(`${name}: schema`, 'a contract, which has its own')
        juggler.handle(name, { ...options as HandleOptions, schema: schemasOf(requests[name]!) }, handler as RequestHandler)
      },
      broadcast (name: string, ...rest: unknown[]) {
        known('notification', name, notifications)
        juggler.broadcast(name, ...rest as [unknown])
      }
    } as unknown as ContractJuggler<ContractDefinition>
  }

  /**
   * A request of a contract is checked by the contract, whoever registers its handler.
   *
   * @param schema - that the handler is to have
   * @throws FST_JUGGLER_CONTRACT_BYPASSED
   */
  hold (name: string, schema: HandleOptions['schema']): void {
    for (const { requests = {} } of this.#definitions) if (Object.hasOwn(requests, name)) held(name, requests[name]!, schema)
  }

  /**
   * The app is ready.
   *
   * @throws FST_JUGGLER_HANDLER_MISSING
   */
  check (): void {
    const missing = [...this.#definitions].flatMap(({ requests = {} }) => Object.keys(requests)).filter((name) => !this.#router.has(name))
    if (missing.length > 0) throw new FST_JUGGLER_HANDLER_MISSING([...new Set(missing)].map((name) => `'${name}'`).join(', '))
  }
}

function known (kind: string, name: string, members: object): void {
  if (!Object.hasOwn(members, name)) throw new FST_JUGGLER_CONTRACT_UNKNOWN(kind, `'${name}'`)
}

type Schemas = { readonly data?: object | undefined, readonly result?: object | undefined }

function held (name: string, request: Schemas, schema: Schemas = {}): void {
  if (!isDeepStrictEqual(schemasOf(request), schemasOf(schema))) throw new FST_JUGGLER_CONTRACT_BYPASSED(`'${name}'`)
}

/** A schema without keywords stands for a type alone, and lets everything through. */
function schemasOf (request: Schemas): { data?: object, result?: object } {
  return Object.fromEntries(Object.entries(request).filter(([, schema]: [string, object | undefined]) => schema !== undefined && Object.keys(schema).length > 0))
}
