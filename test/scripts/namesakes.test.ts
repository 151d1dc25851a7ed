import * as assert from 'uvu/assert'
import { suite } from 'uvu'
import { decides, suiteOf, withoutSuite } from '../../scripts/namesakes.js'

const test = suite('namesakes')

test('a branch, a loop and a conditional value decide something; a table, a type and a text do not', () => {
  for (const code of ['if (a) b()', 'for (const a of b) c(a)', 'while (a) b()', 'const a = b ? c : d', 'try { a() }'])
    assert.ok(decides(code), code)
  for (const code of ["export const a = { b: 'if (c)' }", 'interface A { b?: string }', '// if (a)', '/* while (a) */'])
    assert.not.ok(decides(code), code)
})

test('a suite is where its file is, below test/', () => {
  assert.is(suiteOf('src/text/jinja/parser.ts'), 'test/text/jinja/parser.test.ts')
  assert.is(suiteOf('adapters/node/send.ts'), 'test/adapters/node/send.test.ts')
})

test('a file that decides something and has no suite is named', () => {
  const files: Record<string, string> = {
    'src/a.ts': 'if (b) c()',
    'src/b.ts': 'if (b) c()',
    'src/c.ts': 'export const c = 1',
    'bench/d.ts': 'if (b) c()',
    'test/b.test.ts': '',
  }
  assert.equal(
    withoutSuite(Object.keys(files), (path) => files[path]!),
    ['src/a.ts'],
  )
})

test.run()
