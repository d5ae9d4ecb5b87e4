/** The page: the pumps of the state, buttons that send requests, and what came of them. The server bundles it. */
import { ConnectionClosedError, JugglerError, connect } from 'fastify-juggler/client'
import { contract } from './contract.ts'
import type { Alarm, Station } from './contract.ts'

type Pump = Station['pumps'][string]

/** The element that must be there. */
function find<E extends HTMLElement> (selector: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

const link = find('#link')
const client = await connect<typeof contract>().catch((error: unknown) => {
  link.textContent = 'No connection: reload the page'
  throw error
})

/** The last figure of the gauge's scale, and where its red part begins. */
const fastest = contract.definition.state.properties.pumps.additionalProperties.properties.speed.maximum

const cards = new Map<string, (pump: Pump) => void>()

/** Makes the card of a pump. @returns what draws the pump in it */
function makeCard (key: string): (pump: Pump) => void {
  const id = Number(key)
  const card = find<HTMLTemplateElement>('#card').content.cloneNode(true) as DocumentFragment
  const section = find('section', card)
  const gauge = card.querySelector('.needle')!
  const speed = find<HTMLInputElement>('.speed input', section)
  const outcome = find('.outcome', section)
  const modes = [...section.querySelectorAll<HTMLInputElement>('.mode input')]
  for (const input of modes) input.name = `mode-${id}`
  section.dataset['id'] = key
  find('.id', section).textContent = `Pump ${id}`

  const say = (kind: 'pending' | 'done' | 'failed', text: string) => {
    outcome.dataset['kind'] = kind
    outcome.textContent = text
  }

  /** Shows that a request is under way, and what came of it. */
  async function show (pending: string, done: () => Promise<string>): Promise<void> {
    say('pending', pending)
    try {
      say('done', await done())
    } catch (error) {
      say('failed', messageOf(error))
    }
  }

  const start = find('.start', section)
  start.onclick = async () => {
    // One press is one command; the next one waits for its outcome.
    if (start.ariaBusy === 'true') return
    start.ariaBusy = 'true'
    await show('Starting …', async () => {
      const { speed, took } = await client.send('pump/start', { id }, { key: true })
      return `Started: at ${Math.round(speed)} 1/min after ${(took / 1000).toFixed(1)} s`
    })
    start.ariaBusy = 'false'
  }
  find('.stop', section).onclick = () => show('Stopping …', async () => {
    await client.send('pump/stop', { id })
    return 'Stopped'
  })
  find('form', section).onsubmit = (event) => {
    event.preventDefault()
    void show('Setting …', async () => {
      const { from, to } = await client.send('pump/set-speed', { id, speed: speed.valueAsNumber })
      return `Set from ${Math.round(from)} to ${to} 1/min`
    })
  }
  for (const input of modes) {
    input.onchange = () => show('Setting …', async () => {
      return `Mode: ${await client.send('pump/set-mode', { id, mode: input.value as Pump['mode'] })}`
    })
  }

  find('main').append(card)
  return (pump) => {
    section.dataset['running'] = String(pump.running)
    section.dataset['fast'] = String(pump.speed > 2500)
    find('h2', section).textContent = pump.name
    find('.lamp-text', section).textContent = pump.running ? 'Running' : 'Stopped'
    find('.figure', section).textContent = String(Math.round(pump.speed))
    gauge.setAttribute('stroke-dasharray', `${100 * pump.speed / fastest} 100`)
    for (const input of modes) input.checked = input.value === pump.mode
    // Not while somebody types.
    if (document.activeElement !== speed) speed.value = String(Math.round(pump.speed))
  }
}

/** What of an error is for people to read. Answers of the server have a code and a message, those of schemas as well. */
function messageOf (error: unknown): string {
  if (error instanceof ConnectionClosedError) return 'Not connected: nothing was done'
  const { message } = Object(error instanceof JugglerError ? error.data : error) as { message?: unknown }
  return typeof message === 'string' ? message : String(error)
}

function draw (): void {
  const state = client.state.data
  if (state === null) return
  find('h1').textContent = state.station
  for (const [key, pump] of Object.entries(state.pumps)) {
    if (!cards.has(key)) cards.set(key, makeCard(key))
    cards.get(key)!(pump)
  }
}

function drawLink (): void {
  const { status, stale } = client
  document.body.dataset['link'] = status === 'open' && !stale ? 'live' : 'away'
  link.textContent = status === 'closed' ? 'Closed' : status === 'open' && !stale ? 'Live' : 'Reconnecting …'
}

function alarm ({ level, text }: Alarm): void {
  const item = document.createElement('li')
  const time = document.createElement('time')
  time.textContent = new Date().toLocaleTimeString()
  item.dataset['level'] = level
  item.append(time, text)
  const list = find('#alarms')
  list.prepend(item)
  while (list.children.length > 5) list.lastChild!.remove()
  find('#none').hidden = true
}

client.state.onChange(draw)
client.state.onChange(drawLink)
client.onStatus(drawLink)
client.onNotify((name, data) => { if (name === 'alarm') alarm(data) })
draw()
drawLink()
