/** The value at a path as a Svelte store, and whether it may be out of date. */
import { plant } from '../plant.js'

export const at = (path) => ({
  subscribe (run) {
    run(plant.state.get(path))
    return plant.state.onChange(path, () => run(plant.state.get(path)))
  }
})

/** It begins with a status, and ends with a state. */
export const stale = {
  subscribe (run) {
    run(plant.stale)
    const stops = [plant.onStatus(() => run(plant.stale)), plant.state.onChange(() => run(plant.stale))]
    return () => stops.forEach((stop) => stop())
  }
}
