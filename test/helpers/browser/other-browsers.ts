/** Firefox and WebKit for tests: Firefox by WebDriver BiDi, WebKitGTK by its WebDriver, on a display of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { freePort } from '../free-port.ts'

/** One window. */
export interface OtherBrowser {
  goto (url: string): Promise<void>
  /** The value of an expression in the page, which JSON must be able to carry. */
  evaluate (expression: string): Promise<unknown>
  /** What it shows, as PNG; only of Firefox. */
  screenshot? (): Promise<Buffer>
}

const firefoxPath = '/usr/bin/firefox-esr'
const webkitDriverPath = '/usr/bin/WebKitWebDriver'

/** By name; each is launched for the test, and ended after it. */
export const otherBrowsers: Readonly<Record<string, (t: Test) => Promise<OtherBrowser>>> = {
  firefox: launchFirefox,
  webkit: launchWebKit
}

/** Starts a program in a group of its own, all of which ends with the test. */
function start (t: Test, path: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  if (!existsSync(path)) throw new Error(`${path} is missing: apt-get install firefox-esr webkit2gtk-driver xvfb`)
  const child = spawn(path, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  t.teardown(async () => {
    const ended = once(child, 'close')
    process.kill(-child.pid!, 'SIGKILL')
    await ended
  })
  return child
}

/** The first match in what a program says. What it says later is read and dropped. */
async function said (stream: Readable, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    createInterface({ input: stream })
      .on('line', (line) => {
        const match = pattern.exec(line)
        if (match !== null) resolve(match)
      })
      .on('close', () => reject(new Error(`it ended before it said ${pattern}`)))
  })
}

function folder (t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'juggler-browser-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }))
  return dir
}

async function launchFirefox (t: Test): Promise<OtherBrowser> {
  const profile = folder(t)
  writeFileSync(join(profile, 'user.js'), 'user_pref("browser.shell.checkDefaultBrowser", false);\n')
  const child = start(t, firefoxPath, ['--headless', '--no-remote', '--remote-debugging-port', '0', '--profile', profile], { HOME: profile })
  const [, address] = await said(child.stderr!, /WebDriver BiDi listening on (ws:\S+)/)
  const socket = new WebSocket(`${address}/session`)
  await once(socket, 'open')
  t.teardown(() => socket.terminate())
  let last = 0
  const waiting = new Map<number, (answer: { type: string, result: never, message?: string }) => void>()
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString())
    waiting.get(answer.id)?.(answer)
  })
  const call = async <Result>(method: string, params: object): Promise<Result> => {
    const id = ++last
    const answered = new Promise<{ type: string, result: Result, message?: string }>((resolve) => { waiting.set(id, resolve) })
    socket.send(JSON.stringify({ id, method, params }))
    const { type, result, message } = await answered
    if (type === 'error') throw new Error(`${method}: ${message}`)
    return result
  }
  await call('session.new', { capabilities: {} })
  const { contexts } = await call<{ contexts: Array<{ context: string }> }>('browsingContext.getTree', {})
  const { context } = contexts[0]!
  return {
    async goto (url) {
      await call('browsingContext.navigate', { context, url, wait: 'complete' })
    },
    async evaluate (expression) {
      const { result } = await call<{ result: { value?: string } }>('script.evaluate', {
        expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value))`, target: { context }, awaitPromise: true
      })
      return result.value === undefined ? undefined : JSON.parse(result.value)
    },
    async screenshot () {
      const { data } = await call<{ data: string }>('browsingContext.captureScreenshot', { context })
      return Buffer.from(data, 'base64')
    }
  }
}

async function launchWebKit (t: Test): Promise<OtherBrowser> {
  const display = start(t, '/usr/bin/Xvfb', ['-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'])
  const [, number] = await said(display.stdout!, /^(\d+)$/)
  const port = await freePort()
  const home = folder(t)
  start(t, webkitDriverPath, [`--port=${port}`], { DISPLAY: `:${number}`, HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home })
  const call = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(body) })
    const { value } = await answer.json() as { value: { message?: string } }
    if (!answer.ok) throw new Error(`${path}: ${value.message}`)
    return value
  }
  await listens(port)
  const { sessionId } = await call('/session', { capabilities: {} }) as { sessionId: string }
  t.teardown(() => fetch(`http://127.0.0.1:${port}/session/${sessionId}`, { method: 'DELETE' }).catch(() => {}))
  return {
    async goto (url) {
      await call(`/session/${sessionId}/url`, { url })
    },
    evaluate: (expression) => call(`/session/${sessionId}/execute/sync`, { script: `return ${expression}`, args: [] })
  }
}

/** Waits until the driver answers: it says nothing when it does. */
async function listens (port: number): Promise<void> {
  for (let i = 0; ; i++) {
    try {
      await fetch(`http://127.0.0.1:${port}/status`)
      return
    } catch (error) {
      if (i === 600) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
