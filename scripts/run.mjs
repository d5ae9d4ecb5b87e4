/** Runs commands for the other scripts; needs nothing but Node. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export const say = (text) => console.log(`• ${text}`)

/**
 * Runs a command, in the repository unless told, and resolves with its exit code. Its output goes through, or line by line to
 * `onLine`. With `onSpawn` the command is the head of a process group, which that function may end.
 */
export function run (command, args, { cwd = root, env = {}, onLine, onSpawn } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      detached: onSpawn !== undefined,
      env: { ...process.env, ...env },
      stdio: ['ignore', onLine ? 'pipe' : 'inherit', 'inherit']
    })
    onSpawn?.(child)
    if (onLine) {
      let rest = ''
      child.stdout.setEncoding('utf8')
      child.stdout.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop()
        lines.forEach(onLine)
      })
      child.stdout.on('end', () => { if (rest) onLine(rest) })
    }
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`)
      resolve(127)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** Runs a script of an installed package, such as `typescript/bin/tsc`, without a shell or npx. */
export const runTool = (script, args, options) =>
  run(process.execPath, [`${root}node_modules/${script}`, ...args], options)
