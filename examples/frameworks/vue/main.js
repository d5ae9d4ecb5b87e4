/** A table of pumps in Vue: each row watches its own part of the state. */
import { createApp, onScopeDispose, shallowRef } from 'vue/dist/vue.esm-bundler.js'
import { plant } from '../plant.js'

/** The value at a path, as long as the component lives. The client's values are immutable: a shallow ref is enough. */
function usePlant (path) {
  const value = shallowRef(plant.state.get(path))
  onScopeDispose(plant.state.onChange(path, () => { value.value = plant.state.get(path) }))
  return value
}

/** Whether what is shown may be out of date: it begins with a status, and ends with a state. */
function useStale () {
  const stale = shallowRef(plant.stale)
  const look = () => { stale.value = plant.stale }
  onScopeDispose(plant.onStatus(look))
  onScopeDispose(plant.state.onChange(look))
  return stale
}

const Pump = {
  props: { id: String },
  setup ({ id }) {
    const pump = usePlant(`/pumps/${id}`)
    return { pump, faster: () => plant.send('pump/set', { id, speed: pump.value.speed + 10 }) }
  },
  template: '<tr><th>{{ id }}</th><td>{{ pump?.speed }}</td><td><button @click="faster">Faster</button></td></tr>'
}

createApp({
  components: { Pump },
  setup: () => ({ pumps: usePlant('/pumps'), stale: useStale() }),
  template: '<table :aria-busy="stale"><tbody><Pump v-for="(_, id) in pumps" :key="id" :id="id" /></tbody></table>'
}).mount('#app')
