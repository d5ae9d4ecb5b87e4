/** How long an editor takes to complete the names of a contract: TypeScript's own language service on a file of its user. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))
const file = join(root, 'completion.ts')

/** A user's file: a contract, and a client that is about to send something. */
function source (requests, typed) {
  const entries = Array.from({ length: requests }, (_, i) => `
    'area${i % 20}/request${i}': {
      data: { type: 'object', properties: { id: { type: 'integer' }, mode: { enum: ['a', 'b'] }, on: { type: 'boolean' } }, required: ['id'] },
      result: { type: 'array', items: { type: 'object', properties: { at: { type: 'string' } } } }
    }`)
  return `import { connect } from '${root}dist/lib/client/index.js'
import { defineContract } from '${root}dist/lib/contract/index.js'

const contract = defineContract({ requests: {${entries.join(',')}
} })
const client = await connect<typeof contract>('ws://localhost')
client.send('${typed}')
export {}
`
}

/**
 * @param {{ requests: number, edits: number }} order
 * @returns {{ first: number, next: number, names: number }} ms until the first completion, which reads the program, and the median of those
 * after one more character was typed
 */
export function measureCompletion ({ requests, edits }) {
  let text = source(requests, '')
  let version = 1
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, strict: true, types: ['node'], skipLibCheck: true }
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => name === file ? `${version}` : '1',
    getScriptSnapshot (name) {
      if (name === file) return ts.ScriptSnapshot.fromString(text)
      return ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(readFileSync(name, 'utf8')) : undefined
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => name === file ? text : ts.sys.readFile(name),
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories
  })
  const complete = () => {
    const start = performance.now()
    const found = service.getCompletionsAtPosition(file, text.indexOf("client.send('") + "client.send('".length, {})
    return { ms: performance.now() - start, names: found?.entries.filter(({ name }) => name.includes('/request')).length ?? 0 }
  }
  const first = complete()
  const times = []
  for (let i = 1; i <= edits; i++) {
    text = source(requests, 'area'.slice(0, 1 + i % 4))
    version++
    times.push(complete().ms)
  }
  times.sort((a, b) => a - b)
  return { first: first.ms, next: times[times.length >> 1], names: first.names }
}
