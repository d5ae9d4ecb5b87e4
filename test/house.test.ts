/** Holds the rules of the house: which folder may import which, how files open and how long they are, what has a test. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Lower levels know nothing of higher ones; folders of one level know nothing of each other. A folder is its own files
 * and not those of the rooms in it, which stand on levels of their own.
 */
const levels: ReadonlyArray<readonly string[]> = [
  ['types'],
  ['lib/errors'],
  ['lib/refuse', 'lib/protocol/reserved-names'],
  ['lib/json/pointer', 'lib/json/containers', 'lib/json/equal', 'lib/json/size'],
  ['lib/json/arrays'],
  ['lib/json'],
  ['lib/protocol', 'lib/contract'],
  // Above the contract itself, which is for every page: a validator is larger than all else of a client.
  ['lib/contract/ajv', 'lib/state/reading', 'lib/state/history'],
  ['lib/contract/check', 'lib/state/patching'],
  ['lib/state/store', 'lib/state/replica'],
  ['lib/state/source'],
  ['lib/state/drafts', 'lib/state/projection'],
  ['lib/state'],
  ['lib/server/describe', 'lib/server/ignorable', 'lib/server/address-key', 'lib/server/closest-name', 'lib/server/errors', 'lib/client'],
  ['lib/server/option-rules', 'lib/server/operations', 'lib/storage'],
  ['lib/server/http', 'lib/server/upgrade', 'lib/server/wire'],
  ['lib/server/requests/failures', 'lib/server/requests/router'],
  ['lib/server/requests/commands', 'lib/server/requests/schemas'],
  ['lib/server/sync', 'lib/server/requests', 'lib/server/views'],
  ['lib/server/connection'],
  ['lib/server'],
  ['lib']
]

/** Folders that must load in a browser. */
const browserFolders = ['types', 'lib/errors', 'lib/refuse', 'lib/json', 'lib/protocol', 'lib/contract', 'lib/contract/ajv', 'lib/contract/check', 'lib/state', 'lib/client', 'lib/storage']

interface Import { readonly to: string, readonly typeOnly: boolean }

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)))
const sources = files.filter((file) => /^(lib|types)\/.*\.ts$/.test(file) && !/\.test(-d)?\.ts$/.test(file))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const imports = new Map(sources.map((file) => [file, importsOf(file)]))

/** Every import and re-export of a file, relative ones as paths from the root. */
function importsOf (file: string): Import[] {
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      const typeOnly = ts.isExportDeclaration(node) ? node.isTypeOnly : node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      found.push({ to: resolved(file, node.moduleSpecifier.text), typeOnly })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0] && ts.isStringLiteral(node.arguments[0])) {
      found.push({ to: resolved(file, node.arguments[0].text), typeOnly: false })
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push({ to: resolved(file, node.argument.literal.text), typeOnly: true })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest))
  return found
}

function resolved (from: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(root, join(root, dirname(from), specifier)) : specifier
}

/** The folder of the table that a file belongs to: the longest that fits. */
function folderOf (file: string): string {
  const fitting = levels.flat().filter((folder) => file.startsWith(`${folder}/`) || file === `${folder}.ts`)
  return fitting.sort((a, b) => b.length - a.length)[0] ?? 'outside'
}

const levelOf = (folder: string): number => levels.findIndex((level) => level.includes(folder))

t.test('folders import downward only', async (t) => {
  const problems: string[] = []
  t.ok(sources.length > 20, 'the sources were found')
  for (const [file, list] of imports) {
    const folder = folderOf(file)
    for (const { to } of list.filter(({ to }) => /^(lib|types)\//.test(to))) {
      const target = folderOf(to)
      if (target !== folder && levelOf(target) >= levelOf(folder)) problems.push(`${file} (${folder}) imports ${to} (${target})`)
    }
    const outside = list.filter(({ to }) => to.startsWith('..') || /^(test|bench|examples|scripts)\//.test(to))
    if (outside.length > 0) problems.push(`${file} imports what is not part of the package: ${outside[0]?.to}`)
  }
  t.same(problems, [])
})

t.test('there are no import cycles at run time', async (t) => {
  const problems: string[] = []
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) problems.push([...trail.slice(trail.indexOf(file)), file].join(' -> '))
    if (trail.includes(file) || done.has(file)) return
    for (const { to, typeOnly } of imports.get(file) ?? []) {
      if (!typeOnly && imports.has(to)) visit(to, [...trail, file])
    }
    done.add(file)
  }
  for (const file of sources) visit(file, [])
  t.equal(done.size, sources.length)
  t.same(problems, [])
})

t.test('browser folders load no module of Node', async (t) => {
  const problems: string[] = []
  for (const [file, list] of imports) {
    if (!browserFolders.includes(folderOf(file)) || file.endsWith('.node.ts')) continue
    for (const { to, typeOnly } of list) {
      if (!typeOnly && (to.startsWith('node:') || builtinModules.includes(to))) problems.push(`${file} imports ${to}`)
    }
  }
  t.same(problems, [])
})

t.test('every import of a package is one of its dependencies', async (t) => {
  const problems: string[] = []
  const { dependencies, peerDependencies } = JSON.parse(read('package.json'))
  const allowed = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
  const used = new Set<string>()
  for (const [file, list] of imports) {
    for (const { to } of list) {
      if (/^(lib|types)\//.test(to) || to.startsWith('node:') || imports.has(to)) continue
      const name = to.split('/').slice(0, to.startsWith('@') ? 2 : 1).join('/')
      used.add(name)
      if (!allowed.has(name)) problems.push(`${file} imports ${to}, which users do not get installed`)
    }
  }
  t.same([...allowed].filter((name) => !used.has(name)), [], 'no dependency is idle')
  t.same(problems, [])
})

t.test('every file of the library opens with a header, is short and has its test', async (t) => {
  const problems: string[] = []
  for (const file of sources) {
    const text = read(file)
    const lines = text.split('\n').length - 1
    if (!text.startsWith('/**')) problems.push(`${file} does not open with a header comment`)
    if (lines > 350) problems.push(`${file} has ${lines} lines; split it at 350`)
    // A file of types alone is checked by the compiler.
    if (!file.startsWith('lib/') || !/^export (?!type |interface )/m.test(text)) continue
    const test = file.replace(/^lib\//, 'test/').replace(/\.ts$/, '.test.ts')
    if (!files.includes(test)) problems.push(`${file} has no ${test}`)
  }
  t.same(problems, [])
})

t.test('file names are kebab-case', async (t) => {
  const odd = files.filter((file) => /^(lib|types|test|scripts|examples|bench)\//.test(file) && !/^[a-z0-9./-]+$/.test(file))
  t.same(odd.filter((file) => !/(RESULTS|README)\.md$/.test(file)), [])
})

t.test('nothing is left for later', async (t) => {
  const problems: string[] = []
  // Spelt in pieces, so that this file does not accuse itself.
  const note = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`)
  for (const file of files.filter((file) => /\.(ts|js|mjs|md|html|css)$/.test(file))) {
    if (note.test(read(file))) problems.push(`${file}: ${note.exec(read(file))?.[0]}`)
  }
  t.same(problems, [])
})

t.test('nothing in the repository names a place of one machine', async (t) => {
  const problems: string[] = []
  const place = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', '/ho' + 'me/[a-z]', '/Us' + 'ers/[a-z]', '/tmp/b' + 'ash'].join('|'))
  for (const file of files.filter((file) => !/\.(png|woff2)$/.test(file))) {
    const found = place.exec(read(file))
    if (found) problems.push(`${file} names ${found[0]}`)
  }
  t.same(problems, [])
})

t.test('the lock file takes packages from whatever registry is configured', async (t) => {
  t.match(read('.npmrc'), /^omit-lockfile-registry-resolved=true$/m)
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { resolved?: string }> }
  t.same(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined).map(([name]) => name), [])
})

t.test('what a fresh clone runs loads no package before it installs them', async (t) => {
  const seen = new Set(['scripts/test.mjs', 'scripts/start.mjs', 'scripts/bench.mjs', 'scripts/matrix.mjs'])
  const problems: string[] = []
  for (const file of seen) {
    for (const [, specifier] of read(file).matchAll(/^(?:import|export) (?:[^'(]* from )?'([^']+)'/gm)) {
      const to = resolved(file, specifier!)
      if (to !== specifier) seen.add(to)
      else if (!specifier.startsWith('node:')) problems.push(`${file} imports ${specifier}`)
    }
  }
  t.ok(seen.has('scripts/setup.mjs'))
  t.same(problems, [])
})

t.test('the benchmarks import what there is', async (t) => {
  const problems: string[] = []
  let seen = 0
  for (const file of files.filter((file) => /^bench\/.*\.(mjs|ts)$/.test(file))) {
    for (const [, names, path] of read(file).matchAll(/import \{([^}]+)\} from '[./]+\/(?:dist\/)?(lib\/[\w./-]+)\.[jt]s'/g)) {
      seen++
      const source = `${path}.ts`
      for (const name of names!.split(',').map((name) => name.replace(/ as .*/, '').trim())) {
        if (!files.includes(source) || !new RegExp(`export [^\\n]*\\b${name}\\b`).test(read(source))) problems.push(`${file}: ${name} of ${source}`)
      }
    }
  }
  t.ok(seen > 5)
  t.same(problems, [])
})
