import { mount } from 'svelte'
import Plant from './plant.svelte'

mount(Plant, { target: document.getElementById('app') })
