/** Compiles the code blocks of documents, all in one program. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** What a block's language is compiled as. Of a page its modules are. */
const extensions: Record<string, string> = { ts: '.mts', js: '.mjs', jsx: '.jsx', html: '.mjs' }

/**
 * What is let pass in JavaScript, which says no types: parameters, members and JSX without one, what may be null, and
 * what was caught.
 */
const loose = (code: number): boolean => (code >= 7000 && code < 8000) || [2531, 2532, 2533, 18046, 18047, 18048, 18049].includes(code)

export interface Document {
  /** Its path from the root of the repository. */
  readonly file: string
  readonly text: string
}

interface Block {
  readonly language: string
  readonly code: string
  /** Its first line in the document, from 0. */
  readonly line: number
}

/** @returns what does not compile, each with its file, its line and the compiler's words; and how many blocks there were */
export function compileBlocks (documents: readonly Document[]): { problems: string[], blocks: number } {
  const sources = new Map<string, string>()
  for (const { file, text } of documents) {
    for (const block of blocksOf(text)) sources.set(join(root, `${file}.${block.line + 1}${extensions[block.language]}`), sourceOf(file, block))
  }
  const options = optionsOf()
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists } = host
  host.readFile = (path) => sources.get(path) ?? readFile(path)
  host.fileExists = (path) => sources.has(path) || fileExists(path)
  host.getSourceFile = (path, languageVersion) => {
    const text = host.readFile(path)
    return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion, true)
  }
  const program = ts.createProgram([...sources.keys()], options, host)
  const problems = [...sources.keys()].flatMap((path) => {
    const source = program.getSourceFile(path)!
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .filter(({ code }) => path.endsWith('.mts') || !loose(code))
      .map(({ start, messageText }) => {
        const { line } = source.getLineAndCharacterOfPosition(start ?? 0)
        return `${path.slice(root.length).replace(/\.\d+\.\w+$/, '')}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
      })
  })
  return { problems, blocks: sources.size }
}

/** The compiler's settings of the repository; our package is its sources, and so is the client that the plugin serves. */
function optionsOf (): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
  return {
    ...options,
    allowJs: true,
    checkJs: true,
    jsx: ts.JsxEmit.Preserve,
    declaration: false,
    // A fragment need not use what it shows.
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: {
      'fastify-juggler': ['./lib/index.ts'],
      'fastify-juggler/client': ['./lib/client/index.ts'],
      'fastify-juggler/contract': ['./lib/contract/index.ts'],
      'fastify-juggler/contract/check': ['./lib/contract/check.ts'],
      '/ws/client.js': ['./lib/client/file.browser.ts']
    },
    pathsBasePath: root
  }
}

function blocksOf (text: string): Block[] {
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].flatMap((match) => {
    const [, language = '', code = ''] = match
    const line = text.slice(0, match.index).split('\n').length
    if (language !== 'html') return language in extensions ? [{ language, code, line }] : []
    return [...code.matchAll(/(<script type="module">\n)([^]*?)<\/script>/g)].map((script) =>
      ({ language, code: script[2]!, line: line + code.slice(0, script.index + script[1]!.length).split('\n').length - 1 }))
  })
}

/**
 * The source of a block: its lines have the numbers that they have in the document. In the first one, which is never a
 * block's, stands the import of what the document's prelude declares and the block does not.
 */
function sourceOf (file: string, { code, line, language }: Block): string {
  const prelude = join(root, 'test/helpers/docs', `${basename(file, '.md').toLowerCase()}.ts`)
  const own = namesOf(code)
  const names = existsSync(prelude) ? [...namesOf(readFileSync(prelude, 'utf8'), true)].filter(([name, isType]) => !own.has(name) && (!isType || language === 'ts')) : []
  const up = dirname(file) === '.' ? './' : '../'.repeat(file.split('/').length - 1)
  const given = names.length > 0 ? `import { ${names.map(([name, isType]) => isType ? `type ${name}` : name).join(', ')} } from '${up}test/helpers/docs/${basename(prelude)}'` : ''
  return `${given}${'\n'.repeat(line)}${code}\nexport {}`
}

/** The names that a module declares, imports or, if asked for those, exports at its top level; and whether each is a type. */
function namesOf (code: string, exported = false): Map<string, boolean> {
  const names = new Map<string, boolean>()
  const add = (name: ts.BindingName | undefined): void => {
    if (!name) return
    if (ts.isIdentifier(name)) names.set(name.text, false)
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name)
  }
  const source = ts.createSourceFile('x.tsx', code, ts.ScriptTarget.Latest)
  for (const statement of source.statements) {
    if (exported && ts.isExportDeclaration(statement)) {
      if (statement.exportClause && ts.isNamedExports(statement.exportClause)) for (const { name } of statement.exportClause.elements) names.set(name.text, false)
      continue
    }
    if (exported && !(ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))) continue
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name)
    else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) add(statement.name)
    else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) names.set(statement.name.text, true)
    else if (ts.isImportDeclaration(statement)) {
      add(statement.importClause?.name)
      const bindings = statement.importClause?.namedBindings
      if (bindings && ts.isNamedImports(bindings)) for (const { name } of bindings.elements) add(name)
      else add(bindings?.name)
    }
  }
  return names
}
