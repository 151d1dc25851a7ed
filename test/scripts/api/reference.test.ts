/** docs/api.md: what it is made of, that it is up to date, and that nothing public is left without words. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { apiReference, entryPoints, readSource } from '../../../scripts/api/reference.js'

/** Reads a package of these files in place of the real one. */
const reading = (files: Readonly<Record<string, string>>) => (file: string) => {
  if (!(file in files)) throw new Error(`no file ${file}`)
  return files[file]
}

const MANIFEST = JSON.stringify({
  name: 'it',
  exports: {
    '.': { types: './dist/src/index.d.ts' },
    './more': { types: './dist/src/more.d.ts' },
    './data': './dist/data.wasm',
  },
})

test('an entry point tells what it passes on from other files, in order, and what two export only once', () => {
  const entries = entryPoints(
    reading({
      'package.json': MANIFEST,
      'src/index.ts': "/** First. */\nexport { b as c } from './b.js'\nexport type * from './a.js'\n",
      'src/more.ts': "import { A } from './a.js'\nexport { A }\nexport const more = 1\n",
      'src/a.ts': 'export interface A {\n  x: number\n}\n',
      'src/b.ts': 'export function b(): void {}\n',
    }),
  )
  assert.equal(
    entries.map(({ specifier, symbols }) => [specifier, symbols.map(({ exportedAs }) => exportedAs)]),
    [
      ['it', ['c', 'A']],
      ['it/more', ['more']],
    ],
  )
  assert.is(entries[0].header, 'First.')
})

test('types that a symbol speaks of are told too, over any number of steps; classes and other packages are not', () => {
  const [{ others }] = entryPoints(
    reading({
      'package.json': MANIFEST,
      'src/index.ts':
        "import type { B, K } from './b.js'\nimport type { Z } from 'other'\nexport interface A extends B { k: " +
        'K; z: Z }\n',
      'src/more.ts': '',
      'src/b.ts': 'export interface B { c: C }\ninterface C { d: 1 }\nexport class K {}\n',
    }),
  )
  assert.equal(
    others.map(({ name }) => name),
    ['B', 'C'],
  )
})

test('an exported name that is declared nowhere is an error', () => {
  const read = reading({
    'package.json': MANIFEST,
    'src/index.ts': "export { b } from './b.js'\n",
    'src/b.ts': 'export const a = 1\n',
  })
  assert.throws(() => entryPoints(read), /src\/index\.ts exports b, which is declared nowhere/)
})

test('docs/api.md is what the sources say (npm run docs:api)', () => {
  assert.is(readSource('docs/api.md'), apiReference(readSource))
})

test('every public symbol of every entry point has a doc comment', () => {
  const entries = entryPoints(readSource)
  assert.equal(
    entries.map(({ specifier }) => specifier),
    ['', '/express', '/fastify', '/fetch', '/ai', '/langchain', '/node', '/queue', '/metrics', '/core'].map(
      (path) => `sequoia-onnx${path}`,
    ),
  )
  const bare = entries.flatMap(({ symbols, others }) => [...symbols, ...others].filter(({ comment }) => comment === ''))
  assert.equal(
    bare.map(({ file, name }) => `${file}: ${name}`),
    [],
  )
})

test('every option and every field of a request has a doc comment', () => {
  const named = [
    'EngineOptions',
    'GenerateRequest',
    'SamplingFields',
    'AdapterOptions',
    'GatewayOptions',
    'MetricsOptions',
  ]
  const all = entryPoints(readSource).flatMap(({ symbols, others }) => [...symbols, ...others])
  for (const name of named) {
    const { code } = all.find((symbol) => symbol.name === name)!
    const lines = code.split('\n')
    const bare = lines.filter((line, at) => /^ {2}\w+\??:/.test(line) && !lines[at - 1].trimEnd().endsWith('*/'))
    assert.equal(bare, [], name)
  }
})

test('every function that takes options says what it throws', () => {
  const functions = entryPoints(readSource)
    .flatMap(({ symbols }) => symbols)
    .filter(({ code }) => /^export (async )?function/.test(code) && code.includes('Options'))
  assert.ok(functions.length >= 8)
  for (const { name, file, comment } of functions) assert.match(comment, /Throws\s+`\w+Error`/, `${file}: ${name}`)
})

test.run()
