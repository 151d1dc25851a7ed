// @process own
/** Which process a suite gets: what its first line says, and how suites are put together by it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { groupSuites, needsOf } from '../../scripts/suite-needs.js'
import { findSuites } from '../../scripts/suites.js'

const needs = suite('needs of suites')
let folder = ''
needs.before(() => void (folder = mkdtempSync(join(tmpdir(), 'suite-needs-'))))
needs.after(() => rmSync(folder, { recursive: true }))

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

needs('the first line says them, and no other line does', () => {
  const of = (text: string) => needsOf(written('one.test.ts', text))
  assert.equal(of('// @process own\n'), { ownProcess: true, allCores: false, sources: false })
  assert.equal(of('// @process own, all cores\n'), { ownProcess: true, allCores: true, sources: false })
  assert.equal(of('// @process own, sources\n'), { ownProcess: true, allCores: false, sources: true })
  assert.equal(of("import { test } from 'uvu'\n// @process own\n"), {
    ownProcess: false,
    allCores: false,
    sources: false,
  })
  assert.equal(of("const text = '// @process own'\n"), { ownProcess: false, allCores: false, sources: false })
})

needs('a first line that asks for what there is not is an error which names the file', () => {
  for (const line of ['// @process', '// @process shared', '// @processown', '// @process toString'])
    assert.throws(() => needsOf(written('odd.test.ts', line)), /odd\.test\.ts: .* must be one of \["\/\/ @process own"/)
})

needs('suites with a process of their own come first, the others share one for each folder', () => {
  for (const name of ['a', 'b']) mkdirSync(join(folder, name), { recursive: true })
  const files = ['a/x', 'a/y', 'b/x', 'b/y', 'b/z'].map((name) =>
    written(`${name}.test.ts`, name === 'b/x' || name === 'a/y' ? '// @process own\n' : ''),
  )
  const before = process.cwd()
  // Folders are told apart by the first two steps of a path, as `test/core`.
  const relative = files
    .map((file) => file.slice(folder.length + 1))
    .map((file) => join(folder.split('/').at(-1)!, file))
  process.chdir(tmpdir())
  try {
    const name = (file: string): string => file.split('/').slice(1).join('/')
    assert.equal(
      groupSuites(relative).map((group) => group.map(name)),
      [['a/y.test.ts'], ['b/x.test.ts'], ['b/y.test.ts', 'b/z.test.ts'], ['a/x.test.ts']],
    )
  } finally {
    process.chdir(before)
  }
})

needs('every suite of the project is in exactly one group', () => {
  const files = findSuites('test', 'acceptance')
  assert.equal(groupSuites(files).flat().sort(), [...files].sort())
})

needs.run()
