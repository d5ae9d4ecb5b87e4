/** What the documents show as code compiles: TypeScript as strictly as ours, JavaScript as far as it says its types. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { compileBlocks } from '../helpers/docs/compile-blocks.ts'
import type { Document } from '../helpers/docs/compile-blocks.ts'

const root = new URL('../../', import.meta.url)
const files = ['README.md', ...readdirSync(new URL('docs', root)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]
const documents = files.map((file): Document => ({ file, text: readFileSync(new URL(file, root), 'utf8') }))

/** The first example, as a reader of TypeScript takes it. */
const asTypeScript: Document = { file: 'README.ts.md', text: documents[0]!.text.replaceAll('```js\n', '```ts\n') }

/** Each language with a mistake in it. */
const wrong: Document = {
  file: 'docs/wrong.md',
  text: `# Wrong
\`\`\`js
import { connect } from 'fastify-juggler/client'
const client = await connect()
client.sent('x')
\`\`\`
\`\`\`ts
function f (x) {}
\`\`\`
\`\`\`js
const = 1
\`\`\`
\`\`\`html
<script type="module">
  missing()
</script>
\`\`\`
`
}

// One program for all: most of its time goes into what they import.
const { problems, blocks } = compileBlocks([...documents, asTypeScript, wrong])
const of = (...documents: readonly Document[]): string[] => problems.filter((problem) => documents.some(({ file }) => problem.startsWith(`${file}:`)))

t.test('every block of the documents compiles', async (t) => {
  t.ok(blocks > 25, `${blocks} blocks`)
  t.same(of(...documents), [])
})

t.test('the first example compiles as TypeScript as well', async (t) => {
  t.same(of(asTypeScript), [])
})

t.test('what does not compile is told with its file and line', async (t) => {
  const told = of(wrong)
  t.match(told.find((problem) => problem.startsWith('docs/wrong.md:5:')), /'sent' does not exist/)
  t.match(told.find((problem) => problem.startsWith('docs/wrong.md:8:')), /implicitly has an 'any' type/)
  t.ok(told.some((problem) => problem.startsWith('docs/wrong.md:11:')), 'what is no JavaScript')
  t.match(told.find((problem) => problem.startsWith('docs/wrong.md:15:')), /'missing'/)
})
