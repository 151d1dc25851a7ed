import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sourceTokens } from '../../src/import/source-tokens.js'
import { ModelError } from '../../src/spec/errors.js'
import { tempFolder } from '../support/temp-folder.js'

const fixture = (path: string): string => fileURLToPath(new URL(`../fixtures/families/${path}`, import.meta.url))

test('a source says its family and its tokens, as a folder and as a GGUF file', async () => {
  const cacheDir = tempFolder()
  const folder = await sourceTokens(fixture('qwen3'), cacheDir)
  assert.equal([folder.family, folder.vocab], ['Qwen 3', 264])
  assert.equal(await sourceTokens(fixture('qwen2'), cacheDir), { ...folder, family: 'Qwen 2' })
  const file = await sourceTokens(fixture('qwen3/qwen3.gguf'), cacheDir)
  assert.equal([file.family, file.vocab], ['Qwen 3', 264])
})

test('what was read once is not read again; a note that cannot be read is no hindrance', async () => {
  const cacheDir = tempFolder()
  const found = await sourceTokens(fixture('llama'), cacheDir)
  const note = join(cacheDir, 'facts', readdirSync(join(cacheDir, 'facts'))[0])
  writeFileSync(note, JSON.stringify({ ...found, tokens: 'others' }))
  assert.is((await sourceTokens(fixture('llama'), cacheDir)).tokens, 'others')
  writeFileSync(note, '{"family": 1}')
  assert.equal(await sourceTokens(fixture('llama'), cacheDir), found)
})

test('a source that cannot be read is refused', async () => {
  const folder = join(tempFolder(), 'empty')
  mkdirSync(folder)
  const error: unknown = await sourceTokens(folder, tempFolder()).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
})

test.run()
