// @process native
import { copyFileSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cacheContents, markUsed, named, outdated, removeCached } from '../../src/import/cache-contents.js'
import { ensureImported } from '../../src/import/index.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'

const gguf = buildGguf(tinyLlama())

/** A cache with a pulled model of the hub, an import of it, and an import of a file elsewhere. */
async function filled(): Promise<{ cacheDir: string; source: string; elsewhere: string }> {
  const cacheDir = tempFolder()
  const folder = join(cacheDir, 'sources', 'hf', 'some', 'Q8_0', 'tiny')
  mkdirSync(folder, { recursive: true })
  const source = join(folder, 'tiny-Q8_0.gguf')
  writeFileSync(source, gguf)
  const facts = { bytes: gguf.length, sha256: 'wrong' }
  const pin = { repository: 'some/tiny', revision: 'abc', files: { 'tiny-Q8_0.gguf': facts } }
  writeFileSync(join(folder, '.pulled.json'), JSON.stringify(pin))
  const elsewhere = join(tempFolder(), 'mine.gguf')
  writeFileSync(elsewhere, buildGguf(tinyLlama({ 'general.license': 'other' })))
  for (const path of [source, elsewhere]) await ensureImported(path, { cacheDir, format: 'fp32' })
  return { cacheDir, source, elsewhere }
}

test('sources go by the name they are pulled by, imports by the model and what it was made of', async () => {
  const { cacheDir, source, elsewhere } = await filled()
  const { sources, imports } = await cacheContents(cacheDir)
  assert.equal(
    sources.map(({ name }) => name),
    ['hf.co/some/tiny:Q8_0'],
  )
  assert.ok(sources[0].bytes >= gguf.length)
  assert.equal(imports.map((one) => [one.name, one.format, one.source, one.isCurrent, one.isKnown]).sort(), [
    ['mine', 'fp32', elsewhere, true, false],
    ['tiny-Q8_0', 'fp32', source, true, true],
  ])
  assert.equal(await cacheContents(join(cacheDir, 'none')), { sources: [], imports: [], unfinished: [] })
})

test('a source that several names share goes by the one that has no other', async () => {
  const cacheDir = tempFolder()
  const folder = join(cacheDir, 'sources', 'SmolLM2-135M-Instruct')
  mkdirSync(folder, { recursive: true })
  const { sources } = await cacheContents(cacheDir)
  assert.equal(
    sources.map(({ name }) => name),
    ['smollm2-135m-hf'],
  )
})

test('imports of models in this package go by their names, wherever their files lie', async () => {
  const cacheDir = tempFolder()
  const copy = join(tempFolder(), 'copy.gguf')
  copyFileSync('models/micro/draft.gguf', copy)
  await ensureImported(copy, { cacheDir, format: 'fp32' })
  const { imports } = await cacheContents(cacheDir)
  assert.equal(
    imports.map(({ name, isKnown }) => [name, isKnown]),
    [['micro-draft', true]],
  )
  for (const name of ['micro-draft', 'copy', 'copy.gguf', copy])
    assert.is(named(await cacheContents(cacheDir), name).imports.length, 1, name)
})

test('an import that was opened is the last used', async () => {
  const { cacheDir } = await filled()
  const [, older] = (await cacheContents(cacheDir)).imports
  for (const { path } of (await cacheContents(cacheDir)).imports) utimesSync(join(path, 'sequoia.json'), 1000, 1000)
  await markUsed(older.path)
  assert.is((await cacheContents(cacheDir)).imports[0].path, older.path)
})

test('a name stands for the source and its imports; others stay, and notes of what is gone go too', async () => {
  const { cacheDir, source, elsewhere } = await filled()
  const all = await cacheContents(cacheDir)
  assert.equal(named(all, 'no such model'), { sources: [], imports: [], unfinished: [] })
  const meant = named(all, 'hf.co/some/tiny:Q8_0')
  assert.equal([meant.sources.length, meant.imports.length], [1, 1])
  await removeCached(meant)
  assert.not(existsSync(source))
  const { sources, imports } = await cacheContents(cacheDir)
  assert.equal([sources.length, imports.map((one) => one.source)], [0, [elsewhere]])
  assert.is(readdirSync(join(cacheDir, 'imported')).filter((name) => name.startsWith('seen-')).length, 1)
})

test('what a killed import left to go on with is told of, and is outdated until it is finished', async () => {
  const { cacheDir } = await filled()
  const path = join(cacheDir, 'imported', 'tiny-w8a8-v1.part-99999999')
  mkdirSync(path)
  writeFileSync(join(path, '.parts.json'), '1234')
  const all = await cacheContents(cacheDir)
  assert.equal(all.unfinished, [{ name: 'tiny-w8a8-v1', path, bytes: 4 }])
  assert.equal(named(all, 'tiny-w8a8-v1').unfinished, all.unfinished)
  await removeCached(named(all, 'mine'))
  assert.ok(existsSync(path))
  await removeCached(outdated(all))
  assert.equal([existsSync(path), (await cacheContents(cacheDir)).imports.length], [false, 1])
})

test.run()
