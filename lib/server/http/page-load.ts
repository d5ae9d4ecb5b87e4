/** Tells a browser that loads a page from a page that fetches something, and from programs. */
import type { FastifyRequest } from 'fastify'

/** What browsers load into a window, a tab or a frame (Fetch Metadata). */
const pages: ReadonlySet<unknown> = new Set(['document', 'iframe', 'frame'])

/**
 * Browsers say it over HTTPS and on this machine (`Sec-Fetch-Dest`). On other networks, and in old browsers, what they
 * accept tells: a page load asks for `text/html`, a script's `fetch` for anything.
 */
export function isPageLoad ({ headers }: FastifyRequest): boolean {
  const purpose = headers['sec-fetch-dest']
  return purpose === undefined ? headers.accept?.includes('text/html') === true : pages.has(purpose)
}
