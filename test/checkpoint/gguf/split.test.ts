// @process native
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { partsOf } from '../../../src/checkpoint/gguf/index.js'
import { ensureImported } from '../../../src/import/index.js'
import { openCheckpoint } from '../../../src/import/open-checkpoint.js'
import { ModelError } from '../../../src/spec/errors.js'
import { buildGguf } from '../../support/gguf-file.js'
import { tempFolder } from '../../support/temp-folder.js'
import { counting, TINY_TENSORS, tinyLlama } from '../../support/tiny-llama.js'

const root = tempFolder()
let folders = 0

/** Writes the tiny Llama in parts with these numbers of tensors; `meta` changes a part's metadata. */
function split(sizes: readonly number[], meta: (part: number) => Record<string, number> = () => ({})): string[] {
  const dir = join(root, `split-${folders++}`)
  mkdirSync(dir)
  const { metadata, tensors } = tinyLlama()
  const files = partsOf(join(dir, `tiny-00001-of-0000${sizes.length}.gguf`))
  let from = 0
  for (const [i, size] of sizes.entries()) {
    const own = { 'split.no': i, 'split.count': sizes.length, 'split.tensors.count': tensors.length, ...meta(i) }
    const part = { metadata: i === 0 ? { ...metadata, ...own } : own, tensors: tensors.slice(from, (from += size)) }
    writeFileSync(files[i], buildGguf(part))
  }
  return files
}

async function refuses(path: string, code: string, ...parts: string[]): Promise<void> {
  const error = await openCheckpoint(path).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, ModelError)
  assert.is((error as ModelError).code, code)
  for (const part of parts) assert.match((error as ModelError).message, part)
}

test('any part opens the whole model, the first without tensors too', async () => {
  for (const sizes of [
    [4, 4, 3],
    [0, 6, 5],
  ]) {
    const files = split(sizes)
    const hashes = new Set<string>()
    for (const file of files) {
      const checkpoint = await openCheckpoint(file)
      assert.is(checkpoint.name, 'tiny')
      for (const [, name, shape] of TINY_TENSORS.filter(([gguf]) => !/attn_[qk]\./.test(gguf)))
        assert.equal(await checkpoint.read(name), counting(shape), name)
      hashes.add(checkpoint.sha256)
      await checkpoint.close()
    }
    assert.is(hashes.size, 1)
  }
})

test('a missing part is named, whichever is given, and so is what asks for it', async () => {
  for (const missing of [0, 1, 2]) {
    const files = split([4, 4, 3])
    rmSync(files[missing])
    for (const given of files.filter((_, i) => i !== missing))
      await refuses(given, 'model_not_found', `${basename(files[missing])} is missing`, basename(given))
  }
})

test('a part under a name that does not say its place is told how to be called', async () => {
  const [first] = split([6, 5])
  const renamed = join(first, '..', 'model.gguf')
  renameSync(first, renamed)
  await refuses(renamed, 'model_invalid', 'is one of 2 parts, which its name does not say', 'NAME-00001-of-00002.gguf')
})

test('parts that changed places, of another split, or that lack tensors together are refused', async () => {
  await refuses(split([6, 5], (i) => ({ 'split.no': 1 - i }))[0], 'model_invalid', 'says it is part 2 of 2')
  await refuses(
    split([6, 5], (i): Record<string, number> => (i === 1 ? { 'split.count': 3 } : {}))[0],
    'model_invalid',
    'part 2 of 3',
  )
  await refuses(split([6, 4])[1], 'model_invalid', 'hold 10 tensors of 11')
})

test('a change of another part is seen by what imports on demand', async () => {
  const files = split([6, 5])
  const options = { cacheDir: join(root, 'cache'), format: 'fp32' as const }
  const { dir } = await ensureImported(files[0], options)
  assert.is((await ensureImported(files[1], options)).dir, dir)
  rmSync(files[1])
  const error: unknown = await ensureImported(files[0], options).catch((thrown: unknown) => thrown)
  assert.match((error as Error).message, `${basename(files[1])} is missing`)
})

test('names of parts follow the pattern; any other name is a file of its own', () => {
  assert.equal(partsOf('a/m-00002-of-00002.gguf'), [
    join('a', 'm-00001-of-00002.gguf'),
    join('a', 'm-00002-of-00002.gguf'),
  ])
  assert.equal(partsOf('a/m-1-of-2.gguf'), ['a/m-1-of-2.gguf'])
})

test.run()
