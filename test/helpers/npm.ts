/** npm, as a person would start it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const npmCli = process.env['npm_execpath']

/** npm without what it left in the environment of its own script. */
export async function npm (args: readonly string[], cwd: string): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache|nodedir))/i.test(name)))
  const [command, ...first] = npmCli ? [process.execPath, npmCli] : ['npm']
  return (await run(command!, [...first, ...args], { cwd, env, maxBuffer: 1 << 26 })).stdout
}
