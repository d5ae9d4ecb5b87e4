/** When the schemas of which handler are compiled. */
import type { FastifyInstance } from 'fastify'
import type { Route } from '../router.ts'
import { ScopeSchemas } from './scope-schemas.ts'

interface Pending { readonly name: string, readonly route: Route, readonly schemas: ScopeSchemas }

export class HandlerSchemas {
  readonly #scopes = new WeakMap<FastifyInstance, ScopeSchemas>()
  #pending: Pending[] | undefined = []

  /**
   * Sees to it that a route gets its checks: when the app is ready, and after that at once.
   *
   * @param scope - where the handler was registered
   * @throws FST_JUGGLER_SCHEMA_INVALID where the app is ready
   */
  add (name: string, route: Route, scope: FastifyInstance): void {
    if (route.options.schema === undefined) return
    let schemas = this.#scopes.get(scope)
    if (schemas === undefined) {
      const made = schemas = new ScopeSchemas(scope)
      this.#scopes.set(scope, made)
      // The compiler may be set behind the first handler, in the same plugin.
      if (this.#pending !== undefined) scope.after(() => made.notice())
    }
    if (this.#pending === undefined) {
      schemas.compile(name, route)
    } else {
      schemas.notice()
      this.#pending.push({ name, route, schemas })
    }
  }

  /** The app is ready. @throws FST_JUGGLER_SCHEMA_INVALID */
  compile (): void {
    const pending = this.#pending ?? []
    this.#pending = undefined
    for (const { name, route, schemas } of pending) schemas.compile(name, route)
  }
}
