/** A process that completes names as an editor would. */
import { answer } from '../children.ts'

const methods = {
  async completion (order: { requests: number, edits: number }): Promise<{ first: number, next: number, names: number }> {
    const { measureCompletion } = await import(new URL('completion.mjs', import.meta.url).href) as { measureCompletion: (order: object) => { first: number, next: number, names: number } }
    return measureCompletion(order)
  }
}

export type TypesHost = typeof methods
answer(methods)
