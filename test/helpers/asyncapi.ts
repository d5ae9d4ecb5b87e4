/** What must hold for every AsyncAPI document, and what AsyncAPI's own parser says of one. */
import type { Parser } from '@asyncapi/parser'
import { formatPointer } from '../../lib/json/pointer.ts'

let parser: Parser | undefined

/** What AsyncAPI's own parser finds wrong, or not as it is recommended. It takes a second to load, and half of one each time. */
export async function problemsOf (document: object): Promise<string[]> {
  const { Parser } = await import('@asyncapi/parser')
  parser ??= new Parser()
  const { diagnostics } = await parser.parse(JSON.stringify(document))
  return diagnostics.map(({ code, message, path }) => `${code} at ${formatPointer(path)}: ${message}`)
}

/** References of a document that lead nowhere in it. */
export function danglingOf (document: object): string[] {
  const dangling: string[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, member] of Object.entries(value)) {
      if (name === '$ref' && !leadsSomewhere(document, member)) dangling.push(JSON.stringify(member))
      visit(member)
    }
  }
  visit(document)
  return dangling
}

function leadsSomewhere (document: unknown, ref: unknown): boolean {
  // All references are to keys that need no escapes, so this is a way of its own to find what they mean.
  if (typeof ref !== 'string' || !/^#(\/[\w.-]+)+$/.test(ref)) return false
  let at = document
  for (const key of ref.slice(2).split('/')) {
    if (!Object.hasOwn(Object(at), key)) return false
    at = (at as Record<string, unknown>)[key]
  }
  return true
}
