/** One run: the script, then rest, then the end, and what must hold at each. */
import { createHash } from 'node:crypto'
import { InputBudget } from '../../lib/server/requests/input-budget.ts'
import { Clock } from './clock.ts'
import type { Counts } from './counts.ts'
import type { Script } from './script.ts'
import { World } from './world.ts'

/** How long (ms) everybody may take to come to rest: waits between attempts, keepalives and long handlers in a row. */
const restLimit = 120_000

export interface Result {
  /** What went wrong; undefined: nothing. */
  readonly failure: string | undefined
  /** Of the log, where it was kept. */
  readonly digest: string | undefined
}

/** @param log - takes what happens, line by line */
export async function run (script: Script, counts: Counts, log?: string[]): Promise<Result> {
  const world = new World(script, counts, log)
  const wrong = (error: unknown) => world.fail(`unhandled: ${(error as Error)?.stack ?? String(error)}`)
  process.on('unhandledRejection', wrong)
  process.on('uncaughtException', wrong)
  watchBudgets(world)
  world.clock.install()
  try {
    await live(world)
    if (world.failure !== undefined) await breakOff(world)
  } finally {
    Clock.restore()
    process.off('unhandledRejection', wrong)
    process.off('uncaughtException', wrong)
    for (const link of world.links) {
      link.client.destroy()
      link.server.destroy()
    }
  }
  counts.events += world.clock.events
  const digest = log && createHash('sha256').update(log.join('\n')).digest('hex').slice(0, 16)
  return { failure: world.failure, digest }
}

async function live (world: World): Promise<void> {
  const { clock, script } = world
  world.start()
  for (const step of script.steps) {
    // less than nothing: in the same turn
    if (step.after >= 0) await clock.advance(step.after)
    if (world.failure !== undefined) return
    world.perform(step)
  }
  await clock.advance(0)
  if (world.failure !== undefined) return
  await comeToRest(world)
  if (world.failure !== undefined) return
  await leave(world)
}

/** Nothing is done any more, and the network is well: everybody comes to what the server has, and every question has its answer. */
async function comeToRest (world: World): Promise<void> {
  const { clock } = world
  world.log(() => 'rest')
  const until = clock.now + restLimit
  let lack: string | undefined
  for (let slice = 20; clock.now < until; slice = Math.min(5000, slice * 2)) {
    world.heal()
    // else everybody has to come to the newest state without being told to
    if (world.script.server.autoflushDelay === null) void world.server.engine.connections.flush(undefined)
    await clock.advance(slice)
    if (world.failure !== undefined) return
    lack = lackOf(world)
    if (lack === undefined) return
  }
  world.fail(`no rest: ${lack}`)
}

function lackOf (world: World): string | undefined {
  if (world.stopping > 0) return 'the server is not there'
  for (const client of world.clients) {
    const lack = client.lacks()
    if (lack !== undefined) return `client ${client.index}: ${lack}`
  }
  for (const peer of world.peers) {
    const lack = peer.lacks()
    if (lack !== undefined) return lack
  }
  const [what] = world.pending
  return what && `no end of ${what}`
}

/** Everybody leaves: nothing may be kept of them. */
async function leave (world: World): Promise<void> {
  const { clock } = world
  world.log(() => 'end')
  for (const client of world.clients) void client.close()
  for (const peer of world.peers) peer.close()
  await clock.advance(40_000)
  if (world.failure !== undefined) return
  for (const server of world.servers) {
    for (const what of server.leftovers()) world.fail(`of those who have left is kept: ${what}`)
  }
  for (const budget of world.budgets) if (budget.used !== 0) world.fail(`of input that has left ${budget.used} bytes are counted`)
  for (const link of world.links) if (!link.isOver) world.fail('a socket is left')
  for (const what of world.pending) world.fail(`no end of ${what}`)
  for (const timer of clock.theirs) if (!timer.isUnref) world.fail(`a timer is left: ${String(timer.callback).slice(0, 200)}`)
  let isClosed = false
  void world.server.stop(true).then(() => { isClosed = true })
  await clock.advance(10)
  if (!isClosed) world.fail('a server without connections does not close')
  // what is remembered of commands is forgotten in the end
  await clock.advance(3 * world.script.server.onceWindow)
  for (const timer of clock.theirs) world.fail(`a timer is left for ever: ${String(timer.callback).slice(0, 200)}`)
}

/** Ends what a failure has left, so that it does not reach into the next run. */
async function breakOff (world: World): Promise<void> {
  const { clock, clients, links, servers } = world
  for (const server of servers) server.isDown = true
  for (let i = 0; i < 3; i++) {
    for (const client of clients) void client.close()
    for (const link of links) {
      link.client.destroy()
      link.server.destroy()
    }
    for (const { engine } of servers) void engine.close()
    await clock.advance(100_000)
  }
}

/** Sees to it that every budget of the run is known; the library keeps its own to itself. */
function watchBudgets ({ budgets }: World): void {
  budgetsOfRun = budgets
}

let budgetsOfRun = new Set<InputBudget>()
const { take } = InputBudget.prototype
InputBudget.prototype.take = function (bytes) {
  budgetsOfRun.add(this)
  return take.call(this, bytes)
}
