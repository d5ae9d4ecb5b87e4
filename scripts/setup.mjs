/**
 * Makes a fresh clone ready: npm dependencies, the build, and for tests browsers, curl, nginx, and clients of Python and Go. `npm start` and
 * `npm test` call it, so that each is the only command that anybody needs. What is ready already is left alone.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, say } from './run.mjs'

/** What the build is made from; its stamp holds their digest. */
const buildInputs = ['lib', 'types', 'scripts/build.mjs', 'scripts/build-client.mjs', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']
export const buildStamp = join(root, 'dist/.stamp')

const chromiumPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
]

const chromiumShell = '/usr/bin/chromium-headless-shell'

export async function setup ({ browser = false } = {}) {
  checkNode()
  await installDependencies()
  await build()
  if (browser) {
    await findChromium()
    await findCurl()
    await findNginx()
    await findOtherBrowsers()
    await findReaders()
  }
}

/** A set-up that cannot go on: its message is for the person at the terminal, without a stack. */
export class SetupError extends Error {}

function checkNode () {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Node ${process.versions.node} is too old: 20.19 or newer is needed`)
  }
}

async function installDependencies () {
  const reason = staleDependency()
  if (reason === undefined) return
  say(`installing npm dependencies (${reason})`)
  // `prepare` would build as well: left to build(), which says so. devDependencies also where NODE_ENV is production.
  const code = await npm(['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  if (code !== 0) throw new SetupError(`npm ci failed with code ${code}`)
}

/** Compares what is installed with what the lock file asks for, package by package. */
function staleDependency () {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const installed = packagesOf(join(root, 'node_modules/.package-lock.json'))
  if (installed === undefined) return 'there are none yet'
  for (const [path, { version, optional, peer }] of Object.entries(wanted)) {
    if (path === '') continue
    const found = installed[path]
    // Packages for other platforms are in the lock file and, rightly, not on the disk.
    if (found === undefined && (optional || peer)) continue
    if (found?.version !== version || !existsSync(join(root, path))) return `${path.replace('node_modules/', '')} ${version} is missing`
  }
}

function packagesOf (file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

export function npm (args, options) {
  // Started by npm, this is the very npm that runs; started by hand, it is looked up.
  const cli = process.env.npm_execpath
  return cli ? run(process.execPath, [cli, ...args], options) : run('npm', args, options)
}

async function build () {
  if (existsSync(buildStamp) && readFileSync(buildStamp, 'utf8') === digestOfInputs()) return
  say('building dist/ from lib/')
  const code = await run(process.execPath, [join(root, 'scripts/build.mjs')])
  if (code !== 0) throw new SetupError('the build failed')
}

/** Of content, not of times: git gives files new times, and a deleted source must count as well. */
export function digestOfInputs () {
  const hash = createHash('sha256')
  for (const input of buildInputs) {
    const path = join(root, input)
    if (!existsSync(path)) continue
    const files = input.includes('.') ? [path] : filesUnder(path)
    for (const file of files) hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

function filesUnder (folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/**
 * Leaves the browser's path in CHROMIUM_PATH, where the browser tests read it; in CHROMIUM_SHELL_PATH that of the same
 * browser without its windows, where there is one: it takes half of the time, and does all that most tests need.
 */
async function findChromium () {
  const shell = process.env.CHROMIUM_SHELL_PATH ?? chromiumShell
  let path = installedChromium()
  const missing = [
    ...path === undefined ? ['chromium'] : [],
    ...existsSync(shell) || process.env.CHROMIUM_PATH ? [] : ['chromium-headless-shell']
  ]
  if (missing.length > 0 && canInstall()) {
    say('installing Chromium with apt-get')
    // One by one: not every release has the second.
    for (const name of missing) await install(name)
    path = installedChromium()
  }
  if (path !== undefined) {
    process.env.CHROMIUM_PATH = path
    process.env.CHROMIUM_SHELL_PATH = existsSync(shell) ? shell : path
    return
  }
  const message = 'the browser tests need Chromium: install it (Debian: `apt-get install chromium`) ' +
    'or set CHROMIUM_PATH to the executable of a Chromium or Chrome'
  if (process.env.CI) throw new SetupError(message)
  say(`${message}. They will fail.`)
}

/** Shows what a real client does that offers HTTP/2 with each request. */
async function findCurl () {
  const works = async () => await run('curl', ['--version'], { onLine: () => {} }).catch(() => 1) === 0
  if (await works()) return
  if (canInstall()) {
    say('installing curl with apt-get')
    await install('curl')
    if (await works()) return
  }
  const message = 'the tests of upgrades need curl: install it (Debian: `apt-get install curl`)'
  if (process.env.CI) throw new SetupError(message)
  say(`${message}. They will fail.`)
}

/** Leaves the path of nginx in NGINX_PATH, where the test of a panel behind a proxy reads it. */
async function findNginx () {
  const find = () => [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/bin/nginx', '/opt/homebrew/bin/nginx']
    .find((path) => path && existsSync(path))
  let path = find()
  if (path === undefined && canInstall()) {
    say('installing nginx with apt-get')
    await install('nginx-light')
    path = find()
  }
  if (path !== undefined) {
    process.env.NGINX_PATH = path
    return
  }
  const message = 'the test of a panel behind a proxy needs nginx: install it (Debian: `apt-get install nginx-light`) ' +
    'or set NGINX_PATH to the executable'
  if (process.env.CI) throw new SetupError(message)
  say(`${message}. It will fail.`)
}

/** Firefox, and WebKit with a display for it: they treat logins and pages that are left otherwise than Chromium does. */
async function findOtherBrowsers () {
  const paths = ['/usr/bin/firefox-esr', '/usr/bin/WebKitWebDriver', '/usr/bin/Xvfb']
  const packages = ['firefox-esr', 'webkit2gtk-driver', 'xvfb']
  const complete = () => paths.every((path) => existsSync(path))
  if (!complete() && canInstall()) {
    say('installing Firefox and WebKit with apt-get')
    await install(...packages)
  }
  if (complete()) return
  const message = `one browser test needs Firefox and WebKit: install them (Debian: \`apt-get install ${packages.join(' ')}\`)`
  if (process.env.CI) throw new SetupError(message)
  say(`${message}. It will fail.`)
}

/** WebSocket clients of Python and Go: each inflates in its own way. */
async function findReaders () {
  const paths = [
    '/usr/bin/go', '/usr/lib/python3/dist-packages/websockets', '/usr/lib/python3/dist-packages/aiohttp', '/usr/share/gocode/src/github.com/gorilla/websocket',
    '/usr/share/gocode/src/nhooyr.io/websocket'
  ]
  const packages = ['golang-go', 'python3-websockets', 'python3-aiohttp', 'golang-github-gorilla-websocket-dev', 'golang-nhooyr-websocket-dev']
  const complete = () => paths.every((path) => existsSync(path))
  if (!complete() && canInstall()) {
    say('installing WebSocket clients of Python and Go with apt-get')
    await install(...packages)
  }
  if (complete()) return
  const message = `one test of compression needs WebSocket clients of Python and Go: install them (Debian: \`apt-get install ${packages.join(' ')}\`)`
  if (process.env.CI) throw new SetupError(message)
  say(`${message}. It will fail.`)
}

function canInstall () {
  return process.platform === 'linux' && process.getuid() === 0 && existsSync('/usr/bin/apt-get')
}

async function install (...names) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env })
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env, onLine: () => {} })
}

function installedChromium () {
  const paths = process.env.CHROMIUM_PATH ? [process.env.CHROMIUM_PATH] : chromiumPaths
  return paths.find((path) => existsSync(path))
}
