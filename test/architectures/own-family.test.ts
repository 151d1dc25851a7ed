// @process native
/** A family that this test alone registers, the one of docs/extend.md, from a checkpoint folder to its logits. */
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { architectures, canonicalTensors } from '../../src/architectures/index.js'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import { ModelError } from '../../src/spec/errors.js'
import { decodeArranged, differingRows } from '../support/bits.js'
import { shardBytes, writeFolder } from '../support/checkpoint-folder.js'
import { readDoc } from '../support/doc-examples.js'
import { reader, tinyConfig } from '../support/families.js'
import { imported, openImported } from '../support/imported.js'
import { referenceLogits } from '../support/model-reference.js'
import { randomTensor } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'
import { tidal } from './tidal.js'

const config = { ...tinyConfig, model_type: 'tidal' }

/** A folder with random tensors under the names that the family's files have. */
function folder(): string {
  const spec = tidal.spec(reader(config))
  const tensors = tidal.tensors(spec, 'hf').map(({ name, fileName, shape }) => ({
    name: fileName,
    dtype: 'F32' as const,
    shape: [...shape],
    data: new Uint8Array(randomTensor(name, shape, 1).buffer),
  }))
  return writeFolder(tempFolder(), { 'config.json': config, 'model.safetensors': shardBytes(tensors) })
}

test('a family that a caller brings is read from its files and decodes, equal bits in every arrangement', async () => {
  const checkpoint = await openCheckpoint(folder(), [...architectures, tidal])
  const tokens = [5, 200, 3, 17, 99, 4, 254, 8]
  assert.ok(canonicalTensors(checkpoint.spec).every(({ name }) => checkpoint.has(name)))
  const reference = (await referenceLogits(checkpoint, tokens)).map(likeliest)
  const exact = await openImported(await imported(checkpoint, 'fp32'))
  const { vocab } = checkpoint.spec
  const logits = await decodeArranged(exact, tokens)
  await exact.dispose()
  assert.equal(
    reference.map((_, row) => likeliest(logits.subarray(row * vocab, (row + 1) * vocab))),
    reference,
  )
  const rounded = await openImported(await imported(checkpoint, 'w8a8'), { slots: 128 })
  const alone = await decodeArranged(rounded, tokens)
  const tree = await decodeArranged(rounded, tokens, { permute: true, siblings: 2, chunk: () => 3 })
  await rounded.dispose()
  await checkpoint.close()
  assert.equal(differingRows(alone, tree, vocab), [])
})

test('without it the folder is refused with the families that are known', async () => {
  const error: unknown = await openCheckpoint(folder()).catch((reason: unknown) => reason)
  assert.instance(error, ModelError)
  assert.match((error as ModelError).message, /model of type "tidal"; this reader knows "llama"/)
})

test('it is what docs/extend.md shows', () => {
  const code = readFileSync(new URL('./tidal.ts', import.meta.url), 'utf8')
  assert.ok(code.split('\n').length <= 31)
  assert.ok(readDoc('docs/extend.md').includes(`\`\`\`ts\n${code}\`\`\``))
})

function likeliest(row: ArrayLike<number>): number {
  return Array.from(row).reduce((best, x, i) => (x > row[best] ? i : best), 0)
}

test.run()
