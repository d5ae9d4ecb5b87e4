/** Who is to see what: asked once for each upgrade, and by routes of the app. */
import type { FastifyRequest } from 'fastify'
import { JugglerError } from '../../errors.ts'
import { formatPointer } from '../../json/pointer.ts'
import { describe } from '../describe.ts'
import { FST_JUGGLER_PATHS_INVALID, FST_JUGGLER_VIEW_REFUSED } from '../errors.ts'
import { readPathSet } from './path-set.ts'
import type { PathSet } from './path-set.ts'
import type { ChosenView } from './sight.ts'
import type { ViewFilters } from './view-filters.ts'

/** Arrays that are hidden are mentioned once each, and so many of a view. */
const mostMentioned = 100

export class ViewChoice {
  readonly #view: (request: FastifyRequest) => string | Promise<string>
  readonly #chosen = new Map<string, ChosenView>()

  /** @param warn - writes a line of the log that is of no connection */
  constructor (
    view: (request: FastifyRequest) => string | Promise<string>, filters: ViewFilters, warn: (details: object, message: string) => void
  ) {
    this.#view = view
    for (const [key, filter] of filters) {
      const mentioned = new Set<string>()
      this.#chosen.set(key, {
        key,
        filter,
        onHiddenArray: (place) => {
          const path = formatPointer(place)
          if (mentioned.has(path) || mentioned.size >= mostMentioned) return
          mentioned.add(path)
          warn({ view: key, path }, 'an array is hidden as a whole: the rules of the view hide a part of it')
        }
      })
    }
  }

  /**
   * What the client of a request may see.
   *
   * @throws FST_JUGGLER_VIEW_REFUSED: nothing; it is logged why
   */
  async of (request: FastifyRequest): Promise<ChosenView> {
    const key: unknown = await this.#view(request)
    const chosen = typeof key === 'string' ? this.#chosen.get(key) : undefined
    if (chosen !== undefined) return chosen
    request.log.warn({ view: describe(key) }, "refused: the option 'views' has no rules for what 'view' returned")
    throw new FST_JUGGLER_VIEW_REFUSED()
  }
}

/**
 * The parts of the state that an upgrade asks for with `?path=…`, as often as there are any.
 *
 * @throws FST_JUGGLER_PATHS_INVALID
 */
export function pathsOf ({ query }: Pick<FastifyRequest, 'query'>): PathSet | undefined {
  const { path } = Object(query) as { path?: unknown }
  if (path === undefined) return undefined
  try {
    return readPathSet(Array.isArray(path) ? path : [path])
  } catch (error) {
    throw error instanceof JugglerError ? new FST_JUGGLER_PATHS_INVALID(error.message) : error
  }
}
