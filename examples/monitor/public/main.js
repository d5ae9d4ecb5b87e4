/** The page: connects, lets each panel follow its part of the state, sends what is set here, shows what is told. */
import { connect } from './ws/client.js'
import { bytes, count, duration, milliseconds, percent } from './format.js'
import { startPanels } from './panels.js'
import { toast } from './toasts.js'

const byId = (id) => document.getElementById(id)
const metrics = {
  cpu: { name: 'Processor', format: percent, scale: 100 },
  memory: { name: 'Memory', format: percent, scale: 100 },
  loop: { name: 'Event loop delay', format: milliseconds, scale: 1 }
}

const client = await connectPatiently()
const { state } = client
let heard = Date.now()

startPanels(state)
showLink()
setInterval(showLink, 500)
client.onStatus(showLink)

// The wire: what this update cost, against what it would cost to send everything.
let updates = 0
state.onChange(({ patch }) => {
  heard = Date.now()
  byId('wire-update').textContent = bytes(JSON.stringify(patch).length)
  byId('wire-operations').textContent = count(patch.length)
  byId('wire-whole').textContent = bytes(state.stringify().length)
  byId('wire-count').textContent = count(++updates)
  showLink()
})

// Notifications: what happened, once; what holds now is in the state.
client.onNotify((name, data) => {
  if (name === 'welcome') {
    document.body.dataset.connection = data.id
    markOwnScreen()
  } else if (name === 'alarm') {
    const { name: label, format } = metrics[data.metric]
    if (data.active) toast(`${label} at ${format(data.value)}`, `above the alarm at ${format(data.threshold)}`, 'alarm')
    else toast(`${label} back at ${format(data.value)}`, `the alarm at ${format(data.threshold)} is over`, 'calm')
  }
})
state.onChange('/connections', markOwnScreen)

function markOwnScreen () {
  for (const item of document.querySelectorAll('#screens li')) {
    item.toggleAttribute('data-own', item.dataset.id === document.body.dataset.connection)
  }
}

// Requests. The control shows what the state says, so that every screen shows the same, and a refusal undoes itself.
for (const radio of document.querySelectorAll('#interval input')) {
  radio.addEventListener('change', () => ask('sampling/set', { interval: Number(radio.value) }, showInterval))
}
state.onChange('/sampling/interval', showInterval)
showInterval()

function showInterval () {
  const interval = state.get('/sampling/interval')
  for (const radio of document.querySelectorAll('#interval input')) radio.checked = Number(radio.value) === interval
}

for (const [metric, { scale }] of Object.entries(metrics)) {
  const panel = document.querySelector(`[data-metric=${metric}]`)
  const input = panel.querySelector('.alarm input')
  const show = () => {
    const alarm = state.get(['alarms', metric])
    panel.toggleAttribute('data-alarm', alarm?.active === true)
    if (alarm && document.activeElement !== input) input.value = Math.round(alarm.threshold * scale)
  }
  input.form.addEventListener('submit', (event) => {
    event.preventDefault()
    input.blur()
  })
  input.addEventListener('change', () => {
    if (input.value === '') return show()
    ask('alarm/set', { metric, threshold: input.valueAsNumber / scale }, show)
  })
  input.addEventListener('blur', show)
  state.onChange(['alarms', metric], show)
  show()
}

async function ask (name, data, undo) {
  try {
    await client.send(name, data, { timeout: 5000 })
  } catch (error) {
    toast('That did not work', error.data?.message ?? error.message, 'alarm')
    undo()
  }
}

/** Old figures are never shown as new ones: away from the server, the page says so and since when. */
function showLink () {
  const live = client.status === 'open' && !client.stale
  // Open, but the state is still on its way.
  if (live && state.get('/host') === null) return
  document.body.dataset.link = live ? 'live' : client.status === 'closed' ? 'closed' : 'away'
  const since = duration(Date.now() - heard)
  byId('link').textContent = live
    ? 'Live'
    : client.status === 'closed' ? `Closed. Last heard ${since} ago` : `Reconnecting. Last heard ${since} ago`
}

/** The first connection: the client reconnects by itself once it has been there. */
async function connectPatiently () {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10_000)) {
    try {
      return await connect(undefined, { pingDelay: 2000, pingTimeout: 3000 })
    } catch (error) {
      document.body.dataset.link = 'away'
      byId('link').textContent = `No connection: ${error.message}`
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}
