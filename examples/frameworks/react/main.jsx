/** A table of pumps in React: only the rows that changed render again. */
import { createElement, memo, useCallback, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import { plant } from '../plant.js'

/** The value at a path, as long as the component lives. */
function usePlant (path) {
  const subscribe = useCallback((listener) => plant.state.onChange(path, listener), [path])
  return useSyncExternalStore(subscribe, () => plant.state.get(path))
}

/** Whether what is shown may be out of date: it begins with a status, and ends with a state. */
function useStale () {
  return useSyncExternalStore(subscribeToStale, () => plant.stale)
}

function subscribeToStale (listener) {
  const stops = [plant.onStatus(listener), plant.state.onChange(listener)]
  return () => stops.forEach((stop) => stop())
}

const Pump = memo(function Pump ({ id }) {
  const pump = usePlant(`/pumps/${id}`)
  const faster = () => plant.send('pump/set', { id, speed: pump.speed + 10 })
  return <tr><th>{id}</th><td>{pump?.speed}</td><td><button onClick={faster}>Faster</button></td></tr>
})

function Plant () {
  const pumps = usePlant('/pumps') ?? {}
  return (
    <table aria-busy={useStale()}>
      <tbody>{Object.keys(pumps).map((id) => <Pump key={id} id={id} />)}</tbody>
    </table>
  )
}

createRoot(document.getElementById('app')).render(createElement(Plant))
