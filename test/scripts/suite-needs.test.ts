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
  const nothing = { ownProcess: false, native: false, allCores: false, sources: false }
  const own = { ...nothing, ownProcess: true, native: true }
  assert.equal(of('// @process native\n'), { ...nothing, native: true })
  assert.equal(of('// @process own\n'), own)
  assert.equal(of('// @process own, all cores\n'), { ...own, allCores: true })
  assert.equal(of('// @process own, sources\n'), { ...own, sources: true })
  assert.equal(of("import { test } from 'uvu'\n// @process own\n"), nothing)
  assert.equal(of("const text = '// @process own'\n"), nothing)
})

needs('a first line that asks for what there is not is an error which names the file', () => {
  for (const line of ['// @process', '// @process shared', '// @processown', '// @process toString'])
    assert.throws(
      () => needsOf(written('odd.test.ts', line)),
      /odd\.test\.ts: .* must be one of \["\/\/ @process native"/,
    )
})

needs('native suites share a process by few, those with one of their own follow, then the others by folder', () => {
  for (const name of ['a', 'b', 'n']) mkdirSync(join(folder, name), { recursive: true })
  const head: Record<string, string> = { 'a/y': 'own', 'b/x': 'own', 'a/n': 'native' }
  const files = ['a/n', 'a/x', 'a/y', 'b/x', 'b/y', 'b/z', ...[...'123456'].map((i) => `n/${i}`)].map((name) => {
    const says = name.startsWith('n') ? 'native' : head[name]
    return written(`${name}.test.ts`, says === undefined ? '' : `// @process ${says}\n`)
  })
  const before = process.cwd()
  // Folders are told apart by the first two steps of a path, as `test/core`.
  const relative = files
    .map((file) => file.slice(folder.length + 1))
    .map((file) => join(folder.split('/').at(-1)!, file))
  process.chdir(tmpdir())
  try {
    const name = (file: string): string => file.split('/').slice(1).join('/').replace('.test.ts', '')
    assert.equal(
      groupSuites(relative).map((group) => group.map(name).join(' ')),
      ['n/1 n/2 n/3 n/4 n/5', 'a/n', 'n/6', 'a/y', 'b/x', 'b/y b/z', 'a/x'],
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
