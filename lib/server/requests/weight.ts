/** How much heap a request takes, before anything is made of it. */
import { alwaysWithin, shapeOf } from '../../protocol/json-shape.ts'
import type { Shape, ShapeLimits } from '../../protocol/json-shape.ts'

/** What a waiting request takes beside its characters, in bytes: 95 to 147 measured. */
export const bytesPerRequest = 150
/** What an element of a tree takes beside its characters, in bytes: up to 50 measured, for objects of many shapes. */
const bytesPerElement = 56
/** Elements that a message may have which is too short to be looked at. */
const fewElements = 16

/**
 * @param bytes - of heap that the text takes
 * @returns the bytes of heap that its tree may take, and its shape, where that had to be looked at
 * @throws ProtocolFault the message is over the limits
 */
export function weigh (text: string, bytes: number, limits: ShapeLimits): { readonly shape: Shape | undefined, readonly treeBytes: number } {
  const shape = text.length > alwaysWithin(limits) ? shapeOf(text, limits) : undefined
  return { shape, treeBytes: bytes + (shape?.elements ?? fewElements) * bytesPerElement }
}

/** What the tree of one message may take at most. */
export const largestTree = (maxPayload: number, { maxJsonElements }: ShapeLimits): number =>
  maxPayload * 2 + maxJsonElements * bytesPerElement
