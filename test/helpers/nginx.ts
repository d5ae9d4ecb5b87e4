/** A real nginx in front of apps, as docs/proxies.md describes it. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from './free-port.ts'

const executable = process.env.NGINX_PATH ?? '/usr/sbin/nginx'

/**
 * Runs until the test ends.
 *
 * @param folder - for its files, of the test alone
 * @param locations - what stands in the block `server`
 * @returns where it listens, as an origin
 */
export async function startNginx (t: Test, folder: string, locations: string): Promise<string> {
  if (!existsSync(executable)) {
    throw new Error('this test needs nginx (Debian: apt-get install nginx-light), or NGINX_PATH set to its executable')
  }
  const port = await freePort()
  mkdirSync(join(folder, 'nginx'))
  const config = join(folder, 'nginx/nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, 'nginx', name)};`).join('\n')
  // one process, so that ending it ends all of it
  writeFileSync(config, `daemon off; master_process off; error_log stderr; pid ${join(folder, 'nginx/pid')};
    events {}
    http {
      access_log off;
      ${temporary}
      map $http_upgrade $connection_upgrade { default upgrade; '' close; }
      server { listen 127.0.0.1:${port}; ${locations} }
    }`)
  const child = spawn(executable, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let problems = ''
  child.stderr.on('data', (chunk: Buffer) => { problems += chunk.toString() })
  const ended = new Promise<void>((resolve) => { child.once('close', () => { resolve() }) })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  while (!await accepts(port)) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${problems}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return `http://127.0.0.1:${port}`
}

async function accepts (port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => { resolve(false) })
  })
}
