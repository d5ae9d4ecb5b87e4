/** Ways to apply patches on the client's side; each gets the state and the paths that the screen watches. */
import { patch } from '@hat-open/util/patch.js'
import fastJsonPatch from 'fast-json-patch'
import { createReplica } from '../../dist/lib/state/replica/replica.js'

/** Our client's replica: who watches a subtree is called when it changed, and gets a snapshot of it. */
export function juggler (state, watched) {
  const { state: live, follow } = createReplica((error) => { throw error })
  follow([{ op: 'replace', path: '', value: state }])
  for (const path of watched) live.onChange(path, () => { live.get(path) })
  return { apply: (operations) => { follow(operations) }, read: () => live.data }
}

/** The same with a snapshot of the whole after each patch: the wide map that it shares is copied for the next one. */
export function jugglerWhole (state, watched) {
  const { apply, read } = juggler(state, watched)
  return { apply (operations) { apply(operations); read() }, read }
}

/** In place: nobody can tell what changed. */
export function fastJsonPatchInPlace (state) {
  return { apply (operations) { state = fastJsonPatch.applyPatch(state, operations).newDocument }, read: () => state }
}

/** Into a new document, as a store with snapshots needs it. */
export function fastJsonPatchCopy (state) {
  return { apply (operations) { state = fastJsonPatch.applyPatch(state, operations, false, false).newDocument }, read: () => state }
}

/** What the stock clients of the protocol run. */
export function hatOpen (state) {
  return { apply (operations) { state = patch(operations, state) }, read: () => state }
}
