/**
 * Ways to keep a state, change it, and get a JSON Patch of the change as text, each as its library is meant to be used.
 * `set` changes leaves, `edit` an array in place, `renew` replaces the whole by an equal tree of other objects but for
 * a few leaves; each returns the patch. What a library has no way for is left out.
 */
import fastJsonPatch from 'fast-json-patch'
import { enablePatches, produceWithPatches } from 'immer'
import { create } from 'mutative'
import { createState } from '../../dist/lib/index.js'
import { syncGroupOf } from '../../dist/lib/server/sync/registry.js'

enablePatches()

const compare = (before, after) => JSON.stringify(fastJsonPatch.compare(before, after))

/** Immutable updates with the map copied once a tick, and fast-json-patch between the two roots. */
export function copyOnce (state) {
  const to = (next) => {
    const text = compare(state, next)
    state = next
    return text
  }
  return {
    set (changes) {
      const devices = { ...state.devices }
      for (const { device, temp } of changes) devices[device] = { ...devices[device], temp }
      return to({ devices })
    },
    edit (change) {
      const list = [...state.list]
      change(list)
      return to({ list })
    },
    renew: to
  }
}

/** The same as reducers write it: every set spreads the map. */
export function spreadEach (state) {
  return {
    set (changes) {
      const before = state
      for (const { device, temp } of changes) {
        state = { ...state, devices: { ...state.devices, [device]: { ...state.devices[device], temp } } }
      }
      return compare(before, state)
    }
  }
}

/** Its patches give paths as arrays, and for arrays they assign `length`, which no JSON Patch can. */
export function immer (state) {
  return {
    set (changes) {
      const [next, patches] = produceWithPatches(state, (draft) => {
        for (const { device, temp } of changes) draft.devices[device].temp = temp
      })
      state = next
      return JSON.stringify(patches.map(({ op, path, value }) => ({ op, path: fastJsonPatchPath(path), value })))
    }
  }
}
const fastJsonPatchPath = (keys) => keys.map((key) => `/${fastJsonPatch.escapePathComponent(String(key))}`).join('')

export function mutative (state) {
  const change = (recipe) => {
    const [next, patches] = create(state, recipe, { enablePatches: { pathAsArray: false, arrayLengthAssignment: false } })
    state = next
    return JSON.stringify(patches)
  }
  return {
    set: (changes) => change((draft) => {
      for (const { device, temp } of changes) draft.devices[device].temp = temp
    }),
    edit: (edit) => change((draft) => { edit(draft.list) })
  }
}

/** Our store, and the sync engine with one subscriber that only takes the text. Arrays are edited by operations. */
export function juggler (initial) {
  const { state, flush } = engine(initial)
  return {
    set (changes) {
      for (const { device, temp } of changes) state.set(['devices', device, 'temp'], temp)
      return flush()
    },
    edit (change, operations) {
      if (operations === undefined) state.update((draft) => { change(draft.list) })
      else state.patch(operations)
      return flush()
    },
    renew (next) {
      state.set('', next)
      return flush()
    }
  }
}

/** The same through drafts: the recipe says nothing of what it does, so that the engine must find out. */
export function jugglerDraft (initial) {
  const { state, flush } = engine(initial)
  return {
    set (changes) {
      state.update(({ devices }) => {
        for (const { device, temp } of changes) devices[device].temp = temp
      })
      return flush()
    },
    edit (change) {
      state.update((draft) => { change(draft.list) })
      return flush()
    }
  }
}

function engine (initial) {
  const state = createState(initial)
  let text
  const subscriber = { writable: true, writeState (frame) { text = frame.text } }
  const group = syncGroupOf(state, null)
  group.join(subscriber)
  group.flush(subscriber)
  return {
    state,
    flush () {
      text = '{"diff":[]}'
      group.flush(subscriber)
      return text
    }
  }
}
