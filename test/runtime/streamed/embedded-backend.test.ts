import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { IN_MEMORY, type Backend, type Pass } from '../../../src/runtime/backend.js'
import { withEmbeddings } from '../../../src/runtime/streamed/embedded-backend.js'
import type { NamedTensor } from '../../../src/runtime/tensor.js'
import { ModelError } from '../../../src/spec/errors.js'
import { hostStore, SHAPE } from '../../support/recording-forward.js'
import { tempFolder } from '../../support/temp-folder.js'

/** [3, 2] halves: 1 and 2, 0.5 and 0, -1 and -2. */
const TABLE = new Uint8Array(Uint16Array.of(0x3c00, 0x4000, 0x3800, 0, 0xbc00, 0xc000).buffer)
const weights = join(tempFolder(), 'weights.bin')
writeFileSync(weights, TABLE)
const MODEL = { graphPath: '', weights, table: { rows: 0, scale: null, bytes: TABLE.length, crc32: crc32(TABLE) } }
const INFO = { vocab: 3, hidden: 2, features: { read: 0, written: 0 }, kv: SHAPE }

function backend(passes: Pass[]): { inner: Backend; disposed: () => boolean } {
  let isDisposed = false
  const inner: Backend = {
    kind: 'portable',
    traits: IN_MEMORY,
    inputNames: ['embedded', 'mask'],
    outputNames: ['logits'],
    newCache: (_, size) => hostStore(size),
    run: async (pass) => {
      passes.push({ ...pass, inputs: pass.inputs.map((tensor) => ({ ...tensor, data: tensor.data.slice() })) })
    },
    dispose: async () => {
      isDisposed = true
    },
  }
  return { inner, disposed: () => isDisposed }
}

const mask: NamedTensor = { name: 'mask', type: 'bool', data: Uint8Array.of(1), dims: [1] }
const pass = (...tokens: bigint[]): Pass => ({
  inputs: [{ name: 'input_ids', type: 'int64', data: BigInt64Array.from(tokens), dims: [1, tokens.length] }, mask],
  outputs: [],
  cache: hostStore({ slots: 16 }),
  slots: 16,
})

test('a graph that reads embeddings is run by tokens: their rows take the place of their ids', async () => {
  const passes: Pass[] = []
  const { inner, disposed } = backend(passes)
  const embedded = await withEmbeddings(inner, MODEL, INFO)
  assert.equal([embedded.inputNames, embedded.outputNames], [['input_ids', 'mask'], ['logits']])
  await embedded.run(pass(2n, 0n, 1n))
  await embedded.run(pass(1n))
  assert.equal(
    passes.map(({ inputs }) => inputs.map(({ name, dims, data }) => [name, [...dims], Array.from(data, Number)])),
    [
      [
        ['mask', [1], [1]],
        ['embedded', [1, 3, 2], [-1, -2, 1, 2, 0.5, 0]],
      ],
      [
        ['mask', [1], [1]],
        ['embedded', [1, 1, 2], [0.5, 0]],
      ],
    ],
  )
  await embedded.dispose()
  assert.ok(disposed())
})

test('a table that is not what import wrote is refused', async () => {
  const changed = { ...MODEL, table: { ...MODEL.table, crc32: 1 } }
  const failure: unknown = await withEmbeddings(backend([]).inner, changed, INFO).catch((error: unknown) => error)
  assert.instance(failure, ModelError)
})

test.run()
