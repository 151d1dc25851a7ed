import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compiled, compileSuites } from '../../scripts/compiled-suites.js'

const test = suite('compiled suites')
/** Inside the package, so that bare imports are found. */
const folder = join('.cache', `compiled-${process.pid}`)
test.before(() => compileSuites(folder))
test.after(() => rmSync(folder, { recursive: true }))

test('a suite lies where its relative imports hold, and the sources it imports are the build', () => {
  assert.is(compiled('test/core/abi.test.ts', 'x'), join('x', 'test', 'core', 'abi.test.js'))
  for (const file of ['test/core/abi.test.ts', 'scripts/suite-group.ts', 'bench/prompts.json'])
    assert.ok(existsSync(compiled(file, folder)), file)
  assert.is(realpathSync(join(folder, 'src', 'core', 'core.js')), resolve('dist', 'src', 'core', 'core.js'))
})

test('JSON is imported as it is written, with its attribute', () => {
  assert.match(readFileSync(compiled('test/bench/replay-drafter.test.ts', folder), 'utf8'), /with\s*\{\s*type: "json"/)
})

test('code that asks where it lies hears where it was written', async () => {
  const module = (await import(pathToFileURL(compiled('test/support/doc-examples.ts', folder)).href)) as {
    readDoc(path: string): string
  }
  assert.match(module.readDoc('README.md'), /^# sequoia-onnx/)
})

test.run()
