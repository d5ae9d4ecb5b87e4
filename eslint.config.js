import neostandard from 'neostandard'

const browserFolders = ['lib/json', 'lib/protocol', 'lib/contract', 'lib/state', 'lib/client']

export default [
  ...neostandard({ ts: true, ignores: ['dist/**', 'dist.*/**', 'coverage/**', '.tap/**', 'bench/node_modules/**'] }),
  {
    name: 'juggler/all',
    rules: {
      'no-console': 'off',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-return-assign': ['error', 'except-parens'],
      // It does not see what changes behind an await.
      'no-unmodified-loop-condition': 'off',
      'no-void': ['error', { allowAsStatement: true }],
      'no-restricted-syntax': ['error', {
        selector: 'CallExpression[callee.property.name=/^(skip|only|todo)$/][callee.object.name="t"]',
        message: 'A test that does not run proves nothing.'
      }]
    }
  },
  {
    name: 'juggler/types',
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Overloads and empty members are how TypeScript declares, not mistakes.
      'no-redeclare': 'off',
      '@stylistic/lines-between-class-members': 'off'
    }
  },
  {
    name: 'juggler/library',
    files: ['lib/**/*.ts'],
    rules: { 'no-console': 'error' }
  },
  {
    name: 'juggler/properties',
    files: ['test/**/*.ts'],
    ignores: ['test/helpers/fast-check.ts'],
    rules: { 'no-restricted-imports': ['error', { name: 'fast-check', message: 'Take it from test/helpers/fast-check.ts: tap cannot read its own reports.' }] }
  },
  {
    // test/house.test.ts holds the same for imports; here it is for globals.
    name: 'juggler/browser',
    files: browserFolders.map((folder) => `${folder}/**/*.ts`),
    ignores: ['**/*.node.ts'],
    rules: {
      'no-restricted-globals': ['error', 'Buffer', 'process', 'require', '__dirname', 'setImmediate', 'global']
    }
  },
  {
    name: 'juggler/pages',
    files: ['examples/*/public/**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(['document', 'window', 'location', 'matchMedia', 'requestAnimationFrame', 'ResizeObserver', 'getComputedStyle', 'navigator', 'performance', 'devicePixelRatio'].map((name) => [name, 'readonly']))
    }
  }
]
