/** The panels: each follows its own part of the state and is drawn only when something in it changed. */
import { bytes, clock, duration, milliseconds, percent, rate } from './format.js'
import { createPlot } from './plots.js'

const byId = (id) => document.getElementById(id)
const write = (id, text) => { byId(id).textContent = text }
/** The columns of a row of the history. */
const column = { at: 0, cpu: 1, memory: 2, received: 3, sent: 4, read: 5, written: 6, loop: 7 }

export function startPanels (state) {
  const follow = (path, draw) => {
    const update = () => {
      const value = state.get(path)
      if (value !== null) draw(value)
    }
    state.onChange(path, update)
    update()
  }

  follow('/host', (host) => {
    document.title = `${host.name} · Monitor`
    write('host-name', host.name)
    const facts = [host.system, host.cpu, `${host.cores} ${host.cores === 1 ? 'core' : 'cores'}`, `up ${duration(Date.now() - host.booted)}`]
    write('host-facts', facts.filter(Boolean).join(' · '))
  })

  follow('/cpu', (cpu) => {
    write('cpu-total', Math.round(cpu.total * 100))
    write('load', cpu.load.map((load) => load.toFixed(2)).join('  '))
    drawCores(cpu.cores)
  })

  follow('/memory', (memory) => {
    write('memory-share', Math.round(memory.used / memory.total * 100))
    write('memory-used', `${bytes(memory.used)} of ${bytes(memory.total)}`)
    write('memory-swap', memory.swapTotal > 0 ? `swap ${bytes(memory.swapUsed)} of ${bytes(memory.swapTotal)}` : 'no swap')
  })

  follow('/loop', (loop) => {
    write('loop-p99', loop.p99 >= 10 ? Math.round(loop.p99) : loop.p99.toFixed(1))
    write('loop-p50', milliseconds(loop.p50))
    write('loop-busy', percent(loop.busy))
  })

  followOptional(state, '/network', 'network', (network) => {
    write('network-in', rate(network.received))
    write('network-out', rate(network.sent))
  })

  followOptional(state, '/disk', 'disk', (disk) => {
    write('disk-read', rate(disk.read))
    write('disk-write', rate(disk.written))
  })

  follow('/volume', ({ total, free }) => write('volume', `${bytes(free)} of ${bytes(total)} free`))
  follow('/processes', drawProcesses)
  follow('/connections', drawScreens)
  follow('/server', ({ memory }) => write('server-memory', bytes(memory)))
  followHistory(state, follow)
}

/** What this system does not tell is said to be missing, not shown as zero. */
function followOptional (state, path, name, draw) {
  const panel = document.querySelector(`.${name}`)
  const update = () => {
    const value = state.get(path)
    panel.toggleAttribute('data-missing', value === null)
    if (value !== null) draw(value)
  }
  state.onChange(path, update)
  update()
}

function followHistory (state, follow) {
  const threshold = (metric) => () => state.get(['alarms', metric, 'threshold']) ?? undefined
  const plots = [
    [createPlot(byId('cpu-plot'), { series: ['load'], format: percent, floor: 1, ceiling: 1, threshold: threshold('cpu') }), ['cpu']],
    [createPlot(byId('memory-plot'), { series: ['used'], format: percent, floor: 1, ceiling: 1, threshold: threshold('memory') }), ['memory']],
    [createPlot(byId('loop-plot'), { series: ['p99'], format: milliseconds, floor: 10, threshold: threshold('loop') }), ['loop']],
    [createPlot(byId('network-plot'), { series: ['in', 'out'], format: rate, floor: 10_000 }), ['received', 'sent']],
    [createPlot(byId('disk-plot'), { series: ['read', 'write'], format: rate, floor: 100_000 }), ['read', 'written']]
  ]
  const draw = (history) => {
    const seconds = history.map((row) => row[column.at] / 1000)
    for (const [plot, names] of plots) {
      plot.update([seconds, ...names.map((name) => history.map((row) => row[column[name]]))])
    }
  }
  follow('/history', draw)
  state.onChange('/alarms', () => draw(state.get('/history') ?? []))
}

function drawCores (cores) {
  const list = byId('cores')
  list.classList.toggle('many', cores.length > 16)
  fill(list, cores, () => {
    const item = document.createElement('li')
    item.innerHTML = '<span class="index"></span><span class="bar"><span></span></span><span class="value"></span>'
    return item
  }, (item, share, index) => {
    const [label, bar, value] = item.children
    label.textContent = index
    value.textContent = percent(share)
    bar.firstElementChild.style.setProperty('--share', share)
  })
}

function drawProcesses (processes) {
  fill(byId('processes'), processes, () => {
    const row = document.createElement('tr')
    row.innerHTML = '<th scope="row"></th><td class="number"></td><td class="number"></td><td class="number"></td>'
    return row
  }, (row, { pid, name, cpu, memory }) => {
    const [first, second, third, fourth] = row.children
    first.textContent = name
    second.textContent = pid
    third.textContent = percent(cpu)
    third.style.setProperty('--share', Math.min(cpu, 1))
    fourth.textContent = bytes(memory)
  })
}

function drawScreens (connections) {
  const screens = Object.entries(connections).sort(([, a], [, b]) => a.since - b.since)
  write('screens-count', String(screens.length))
  fill(byId('screens'), screens, () => {
    const item = document.createElement('li')
    item.innerHTML = '<b></b> <span></span> <time></time>'
    return item
  }, (item, [id, { remote, since, agent }]) => {
    const [name, address, time] = item.children
    item.dataset.id = id
    name.textContent = agent
    address.textContent = remote
    time.textContent = clock(since)
  })
}

/** Gives a list one element for each value, keeping those that are there. */
function fill (list, values, create, draw) {
  while (list.children.length > values.length) list.lastElementChild.remove()
  values.forEach((value, index) => {
    if (!list.children[index]) list.append(create())
    draw(list.children[index], value, index)
  })
}
