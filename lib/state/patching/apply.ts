/** Applies JSON Patch (RFC 6902) to a live tree: every operation, strictly, without reaching into prototypes. */
import type { JsonValue } from '../../../types/json.ts'
import { JugglerStateError } from '../../errors.ts'
import { parentOf } from '../../json/pointer.ts'
import { copyAllowance, extentOf, freeCopies, isDeeperThan, maxDepth } from './extent.ts'
import type { Extents } from './extent.ts'
import { keepIdentity } from './keep-identity.ts'
import type { Keys } from '../../json/containers.ts'
import { reach } from '../../json/containers.ts'
import { placeInPatch } from '../reading/path.ts'

/** An operation as it came: nothing is known of it. */
interface Operation { op: string, path: string, from: string, value: JsonValue | undefined }

/** What a patch is applied to. */
export interface PatchTarget {
  readonly root: JsonValue
  /** Hands out the value at a path: from now on an edit there, or below, copies first. */
  share (keys: Keys): JsonValue | undefined
  /**
   * Puts a value at a place whose parent exists, or removes what is there (undefined).
   *
   * @param adding - an element is inserted, not replaced
   * @param shared - something besides this tree holds the value
   * @returns whether elements of an array shifted
   */
  edit (keys: Keys, value: JsonValue | undefined, adding?: boolean, shared?: boolean): boolean
}

/**
 * Applies the operations in order. None of them is nested deeper than `maxDepth` by itself: that is the caller's to see.
 * It stops at the first that does not apply; undoing is the caller's.
 *
 * @param touched - gets a JSON Pointer for each place that changed; elements that shift change the whole of their array.
 * Where it is given, what replaces something leaves what is equal as it is, and touches what differs
 * @throws JugglerStateError `JUGGLER_PATCH_INVALID`: an operation is malformed, does not apply, makes more than `maxDepth`
 * levels, or copies more than a patch may
 */
export function applyOperations (tree: PatchTarget, operations: readonly unknown[], touched?: Set<string>): void {
  let index = -1
  let current: Operation
  let copied = 0
  let copyable = freeCopies
  /** Of what is moved and copied: no other write changes that in place. */
  const extents: Extents = new Map()
  const fail = (reason: string, pointer: unknown = current.path): never => {
    throw new JugglerStateError('JUGGLER_PATCH_INVALID', `operation ${index}: ${reason} (${String(pointer).slice(0, 200)})`, current.path)
  }
  const tooDeep = () => fail(`a state may have at most ${maxDepth} levels`)
  const at = (pointer: string, adding = false): Keys =>
    placeInPatch(tree.root, pointer, adding) ?? fail('no such place', pointer)
  const write = (pointer: string, keys: Keys, value?: JsonValue, adding?: boolean, shared?: boolean) => {
    const shifts = tree.edit(keys, value, adding, shared)
    touched?.add(shifts ? parentOf(pointer) : pointer)
  }
  for (const operation of operations) {
    index++
    current = Object(operation) as Operation
    const { op, path, from, value } = current
    const moves = op === 'move'
    if (moves || op === 'copy') {
      const source = at(from)
      const moved = (moves ? reach(tree.root, source) : tree.share(source))!
      if (moves && path === from) continue
      const above = levelsAbove(path)
      // Most moves are within one array, and make nothing deeper.
      if (above > levelsAbove(from) && above + extentOf(moved, extents).levels > maxDepth) tooDeep()
      if (!moves) {
        copied += extentOf(moved, extents).values
        // Looked at once, where it matters: that is a walk over the whole state.
        if (copied > copyable && copyable === freeCopies) copyable = copyAllowance(tree.root)
        if (copied > copyable) fail('the patch copies too much')
      } else {
        if (`${path}`.startsWith(`${from}/`)) fail('it cannot move into itself')
        write(from, source)
      }
      write(path, at(path, true), moved, true, true)
    } else if (op === 'remove') {
      write(path, at(path))
    } else if (value === undefined || !['add', 'replace', 'test'].includes(op)) {
      fail('unknown op, or no value')
    } else {
      const adding = op === 'add'
      const keys = at(path, adding)
      if (keys.length > 0 && isDeeperThan(maxDepth - keys.length, value)) tooDeep()
      if ((adding && typeof keys.at(-1) === 'number') || (!touched && op !== 'test')) {
        write(path, keys, value, adding)
      } else {
        // To add a member that exists is to replace it (RFC 6902, section 4.1).
        const before = reach(tree.root, keys)
        // It tells as well whether two values differ: `json/equal.ts` has no place in the browser file, where `test` is rare.
        const adopted = keepIdentity(before, value, touched, path)
        if (adopted === before) continue
        if (op === 'test') fail('the test fails')
        tree.edit(keys, adopted)
      }
    }
  }
}

/** How many containers stand above the place that a pointer names. */
const levelsAbove = (pointer: string): number => pointer.split('/').length - 1
