/** Makes the script of a failure short: steps are taken out and numbers lowered for as long as it fails. */
import type { Script, Step } from './script.ts'

/** How many runs that may take. */
const mostRuns = 600

const plainLine = { latency: 0, bandwidth: 0, buffer: 65536, pieces: 0 }

/** @param fails - runs a script, and tells what went wrong */
export async function shrink (script: Script, fails: (script: Script) => Promise<string | undefined>): Promise<{ script: Script, failure: string }> {
  let best = script
  let failure = await fails(script) ?? 'it fails no more when it is run again'
  const kind = kindOf(failure)
  let runs = 0
  const attempt = async (next: Script): Promise<boolean> => {
    if (runs >= mostRuns) return false
    runs++
    const found = await fails(next)
    if (found === undefined || kindOf(found) !== kind) return false
    best = next
    failure = found
    return true
  }

  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.steps.length;) {
      const steps = [...best.steps.slice(0, at), ...best.steps.slice(at + size)]
      if (!await attempt({ ...best, steps })) at += size
    }
  }
  for (const plain of [{ lag: 0 }, { hooks: false }, { watched: false }, { initial: null }] as const) await attempt({ ...best, ...plain })
  for (const i of best.clients.keys()) {
    await attempt({ ...best, clients: best.clients.map((client, j) => i === j ? { ...client, line: plainLine } : client) })
  }
  for (let i = 0; i < best.steps.length; i++) {
    for (const next of simpler(best.steps[i]!)) {
      await attempt({ ...best, steps: best.steps.map((step, j) => i === j ? next : step) })
    }
  }
  return { script: best, failure }
}

/** A step with smaller numbers. */
function * simpler (step: Step): Iterable<Step> {
  if (step.after > 0) yield { ...step, after: 0 }
  if ('edits' in step) for (let i = step.edits.length; step.edits.length > 1 && i > 0; i--) yield { ...step, edits: step.edits.slice(i - 1, i) }
  if ('ms' in step && step.ms > 0) yield { ...step, ms: 0 }
  if ('bytes' in step && step.bytes > 0) yield { ...step, bytes: 0 }
  if ('names' in step && step.names.length > 1) for (const name of step.names) yield { ...step, names: [name] }
  if ('count' in step && step.count > 1) yield { ...step, count: 1 }
}

/** Another fault is another story. */
const kindOf = (failure: string): string => failure.replace(/[\d-]+/g, '').slice(0, 40)
