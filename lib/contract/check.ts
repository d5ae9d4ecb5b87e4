/** A client that checks what arrives: `fastify-juggler/contract/check`. It brings a validator, so that it is a file of its own. */
import type { AnySchemaObject, ValidateFunction } from 'ajv'
import type { ContractClient } from '../../types/contract-client.ts'
import type { ContractBase, ContractDefinition } from '../../types/contract-definition.ts'
import type { NotifyListener, SendOptions } from '../../types/client.ts'
import type { JsonValue } from '../../types/json.ts'
import { JugglerClientError } from '../errors.ts'
import { refuse } from '../refuse.ts'
import { reportError } from '../state/reading/report.ts'
import { checkListener, createTeller } from '../state/reading/teller.ts'
import { makeAjv } from './ajv.ts'

/** What of a contract the server has broken. */
export type ContractPart = 'result' | 'notification' | 'state'

/** A place that breaks a schema, and how; `path` is a JSON Pointer into the data. */
export interface ContractViolation { readonly path: string, readonly message: string }

/** What the server sent breaks the contract: `JUGGLER_CONTRACT_BROKEN`. */
export class ContractError extends JugglerClientError {
  readonly part: ContractPart
  /** The name of the request or the notification; the state has none. */
  readonly subject: string | undefined
  /** The first places that break the schema; none of a notification that the contract does not know. */
  readonly errors: readonly ContractViolation[]

  constructor (part: ContractPart, subject: string | undefined, errors: readonly ContractViolation[]) {
    const [first] = errors
    const what = part === 'state' ? 'the state' : part === 'result' ? `the result of '${subject}'` : `the notification '${subject}'`
    super('JUGGLER_CONTRACT_BROKEN', first === undefined ? `${what} is not in the contract` : `${what} breaks the contract: data${first.path} ${first.message}`)
    this.part = part
    this.subject = subject
    this.errors = errors
  }
}

export interface CheckOptions {
  /**
   * Called with each notification that is not passed on, and with each state that breaks its schema. A result that does
   * is what `send` rejects with, and is not told here. @defaultValue `reportError` where there is one, else a process warning
   */
  onViolation?: ((error: ContractError) => void) | undefined
}

/** What is wrong with a value: nothing, where the list is empty. */
type Check = (value: unknown) => readonly ContractViolation[]

interface Checks {
  readonly state: Check | undefined
  readonly results: ReadonlyMap<string, Check>
  readonly notifications: ReadonlyMap<string, Check>
}

/** So many places are told. */
const mostViolations = 10

const compiled = new WeakMap<ContractDefinition, Checks>()

/**
 * The same client, but that what arrives is held to the contract:
 *
 * - `send` rejects with a `ContractError` in place of a result that breaks its schema.
 * - Listeners of notifications are not given those that break theirs, nor those that the contract does not know.
 * - A state that breaks its schema is reported, and stays: it is the server's. The whole of it is checked, at most once
 *   in a turn of the event loop, and reported again only when what is wrong with it has changed. Where the client asks for
 *   parts it is not checked: most of it is missing.
 *
 * What the client itself sends is for the server to check. Listeners that were given to `connect`, or to the client that
 * is passed, hear everything.
 *
 * @param client - what `connect<typeof contract>()` resolved with
 * @throws JugglerClientError `JUGGLER_CONTRACT_INVALID` for a schema that cannot be used, with its place;
 * `JUGGLER_OPTION_INVALID`
 * @example const client = checked(await connect<typeof contract>(), contract)
 */
export function checked<D extends ContractDefinition> (
  client: ContractClient<NoInfer<D>>, contract: ContractBase<D>, { onViolation = reportError }: CheckOptions = {}
): ContractClient<D> {
  checkListener(onViolation, 'onViolation')
  const { report } = createTeller(onViolation as (error: unknown) => void)
  const { state, results, notifications } = checksOf(contract)
  const inner = client as unknown as {
    send (name: string, data?: unknown, options?: SendOptions): Promise<JsonValue>
    onNotify (listener: NotifyListener): () => void
  }

  // The first of the listeners that this client has: it finds for all of them whether the notification may pass.
  let passes = false
  inner.onNotify((name, data) => {
    const check = notifications.get(name)
    const errors = check?.(data) ?? []
    passes = check !== undefined && errors.length === 0
    if (!passes) report(new ContractError('notification', name, errors))
  })
  if (state) checkChanges(client, state, report)

  return {
    state: client.state,
    get ready () { return client.ready },
    get stale () { return client.stale },
    get status () { return client.status },
    closed: client.closed,
    onStatus: client.onStatus,
    close: client.close,
    watch: client.watch,
    covers: client.covers,

    send (name: string, ...rest: [unknown?, SendOptions?]) {
      const answer = inner.send(name, ...rest).then((result) => {
        const errors = results.get(name)?.(result) ?? []
        if (errors.length > 0) throw new ContractError('result', name, errors)
        return result
      })
      // As of any client: who does not look at it need not catch it.
      answer.catch(() => {})
      return answer as Promise<never>
    },

    onNotify (listener: unknown) {
      checkListener(listener)
      // What the listener returns is looked at as well: it may be a promise that rejects.
      return inner.onNotify((...notification) => passes ? (listener as NotifyListener)(...notification) : undefined)
    }
  }
}

/**
 * Checks the state after its changes. Null is no breach: so it is before there is one. Nor is what is missing where only
 * parts are asked for.
 */
function checkChanges<D extends ContractDefinition> ({ state, covers }: ContractClient<D>, check: Check, report: (error: unknown) => void): void {
  let due = false
  let told = ''
  const look = () => {
    due = false
    const errors = state.data === null || !covers('') ? [] : check(state.data)
    const text = JSON.stringify(errors)
    if (errors.length > 0 && text !== told) report(new ContractError('state', undefined, errors))
    told = text
  }
  const changed = () => {
    if (due) return
    due = true
    setTimeout(look)
  }
  state.onChange(changed)
  if (state.revision > 0) changed()
}

function checksOf (contract: ContractBase): Checks {
  const definition = (Object(contract) as Partial<ContractBase>).definition
  if (typeof definition !== 'object' || definition === null) refuse('the contract', contract, 'what defineContract makes', 'JUGGLER_CONTRACT_INVALID')
  let checks = compiled.get(definition)
  if (checks === undefined) compiled.set(definition, checks = compile(definition))
  return checks
}

/** @throws JugglerClientError `JUGGLER_CONTRACT_INVALID` */
function compile ({ state, requests = {}, notifications = {} }: ContractDefinition): Checks {
  // Without defaults: what arrives is looked at, not changed.
  const ajv = makeAjv({}, false)
  const checkOf = (place: string, schema: object): Check => {
    let validate: ValidateFunction
    try {
      validate = ajv.compile(schema)
    } catch (error) {
      throw new JugglerClientError('JUGGLER_CONTRACT_INVALID', `${place} cannot be used: ${(error as Error).message}`, error)
    }
    if ((schema as AnySchemaObject)['$async']) refuse(place, 'an asynchronous one', 'a schema that is checked at once', 'JUGGLER_CONTRACT_INVALID')
    return (value) => validate(value) ? [] : validate.errors!.slice(0, mostViolations).map(({ instancePath, message }) => ({ path: instancePath, message: message ?? 'is not valid' }))
  }
  return {
    state: state && checkOf('the state', state),
    results: new Map(Object.entries(requests).flatMap(([name, { result }]) => result ? [[name, checkOf(`'result' of the request '${name}'`, result)]] : [])),
    notifications: new Map(Object.entries(notifications).map(([name, schema]) => [name, checkOf(`the notification '${name}'`, schema)]))
  }
}
