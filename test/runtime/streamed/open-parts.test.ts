// @process native
/** What a streamed model is opened of is compared with what import wrote, as far as it is read then. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { StreamedLayout } from '../../../src/runtime/streamed/layout.js'
import { ModelError } from '../../../src/spec/errors.js'
import { imported, openImportedStreamed } from '../../support/imported.js'
import { randomLlama } from '../../support/random-llama.js'
import { tempFolder } from '../../support/temp-folder.js'

const LAYERS = 2
const model = await imported(randomLlama({ layers: LAYERS }), 'w8a8')
const { layers, layerBytes, embedding } = JSON.parse(
  readFileSync(join(model.dir, 'layers.json'), 'utf8'),
) as StreamedLayout

/** Opens a copy whose weight file `spoil` has changed; comes to why that fails. */
async function refusal(residentLayers: number, spoil: (path: string) => void): Promise<ModelError> {
  const dir = tempFolder()
  cpSync(model.dir, dir, { recursive: true })
  spoil(join(dir, 'weights.bin'))
  const error: unknown = await openImportedStreamed({ ...model, dir }, { residentLayers }).catch(
    (reason: unknown) => reason,
  )
  assert.instance(error, ModelError)
  return error as ModelError
}

const flip =
  (at: number) =>
  (path: string): void => {
    const bytes = readFileSync(path)
    bytes[at] ^= 4
    writeFileSync(path, bytes)
  }

test('a layer that stays in memory is compared as it is read', async () => {
  const { code, message } = await refusal(LAYERS, flip(layers[1].offset + (layerBytes >> 1)))
  assert.is(code, 'model_invalid')
  assert.match(message, /the weights of layer 1 are not what import wrote/)
})

test('the whole table of embeddings is compared, wherever the layers are', async () => {
  for (const residentLayers of [0, LAYERS])
    assert.match((await refusal(residentLayers, flip(embedding.rows + 50))).message, /the embeddings are not/)
})

test('a weight file that is gone is not found', async () => {
  assert.is((await refusal(0, (path) => rmSync(path))).code, 'model_not_found')
})

test.run()
