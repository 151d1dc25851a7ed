/** How a family is found for a checkpoint, and how its tensors are held against what files have. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { architectures, describe, namedTensors, plainSpec, readPlainShape } from '../../src/architectures/index.js'
import type { Architecture, Described } from '../../src/architectures/index.js'
import { openRaw } from '../../src/checkpoint/open-raw.js'
import { ModelError } from '../../src/spec/errors.js'
import { buildGguf, type GgufFile } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'

const folder = tempFolder()
let files = 0

async function described(file: GgufFile, known: readonly Architecture[] = architectures): Promise<Described> {
  const path = join(folder, `${files++}.gguf`)
  writeFileSync(path, buildGguf(file))
  const raw = await openRaw(path)
  try {
    return await describe(raw, known)
  } finally {
    await raw.close()
  }
}

const refusal = (file: GgufFile, known?: readonly Architecture[]): Promise<string> =>
  described(file, known).then(
    () => assert.unreachable('it was described') as never,
    (error: unknown) => {
      assert.instance(error, ModelError)
      return (error as ModelError).message
    },
  )

/** Keeps the gate and up matrices of its GGUF files as one. */
const fused: Architecture = {
  name: 'Fused',
  huggingFace: ['fused'],
  gguf: 'llama',
  spec: (read) => plainSpec(readPlainShape(read)),
  tensors: (spec, from) =>
    namedTensors(spec, from).map((tensor) =>
      tensor.fileName === 'blk.0.ffn_gate.weight'
        ? { ...tensor, fileName: 'blk.0.ffn_up.weight', within: { firstRow: 0, rows: 24 } }
        : tensor.fileName === 'blk.0.ffn_up.weight'
          ? { ...tensor, within: { firstRow: 12, rows: 24 } }
          : tensor,
    ),
}

test('a file of a family that is known tells its spec and where each tensor lies', async () => {
  const { spec, tensors } = await described(tinyLlama())
  assert.is(spec.layers.length, 1)
  assert.is(tensors.get('model.layers.0.mlp.up_proj.weight')?.fileName, 'blk.0.ffn_up.weight')
  assert.ok(tensors.get('model.layers.0.self_attn.k_proj.weight')?.order)
  assert.not(tensors.get('model.layers.0.self_attn.v_proj.weight')?.order)
})

test('a family that nobody listed is refused with those that are', async () => {
  assert.match(
    await refusal(tinyLlama({ 'general.architecture': 'mamba' })),
    /"mamba": it has recurrent layers.*SmolLM2.*; this reader knows "llama"/,
  )
  assert.match(await refusal(tinyLlama(), []), /"llama"; this reader knows/)
})

test('parts of one fused tensor are asked for by the rows of all', async () => {
  const file = tinyLlama()
  const message = await refusal(file, [fused])
  assert.match(message, /blk\.0\.ffn_gate\.weight, which a Fused model of 1 layers/)
  file.tensors = file.tensors.filter(({ name }) => name !== 'blk.0.ffn_gate.weight')
  assert.match(await refusal(file, [fused]), /ffn_up\.weight as \[12, 8\].*asks for \[24, 8\]/)
})

test.run()
