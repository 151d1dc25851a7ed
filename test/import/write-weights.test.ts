// @process native
/** The order in which tensors lie in the weight file is part of the contract. */
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatNamed } from '../../src/formats/index.js'
import { WeightFile } from '../../src/import/weight-file.js'
import { isRotated, writeWeights } from '../../src/import/write-weights.js'
import { randomLlama } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

/** Names of the tensors in the order that they were written. */
async function namesWritten(format: string, rotates = true): Promise<{ names: string[]; lines: string[] }> {
  const file = await WeightFile.create(join(tempFolder(), 'weights.bin'))
  const names: string[] = []
  const add = file.add.bind(file)
  file.add = (name, ...rest) => {
    names.push(name)
    return add(name, ...rest)
  }
  const plain = randomLlama({ layers: 1 })
  const lines: string[] = []
  await writeWeights({ ...plain, spec: { ...plain.spec, rotates } }, file, {
    format: formatNamed(format),
    integers: format === 'w8a8' ? 'int8' : null,
    texts: () => [Int32Array.of(1, 2, 3)],
    onProgress: ({ part }) => lines.push(part!),
  })
  await file.finish()
  return { names, lines }
}

test('rotated: one norm, the embeddings, linear layers, the head, the rotary tables', async () => {
  const { names, lines } = await namesWritten('fp16')
  const layer = ['layer0.qkv', 'layer0.o', 'layer0.gate_up', 'layer0.down']
  assert.equal(names, ['norm', 'embedding', ...layer, 'head', 'rotary.cos', 'rotary.sin'])
  assert.equal(lines, ['embeddings', 'layer 1 of 1', 'head', 'written'])
})

test("in the checkpoint's basis: each layer with its norms, then embeddings, the last norm and the head", async () => {
  const { names } = await namesWritten('fp32')
  const attention = ['layer0.input_norm', 'layer0.qkv', 'layer0.o']
  const mlp = ['layer0.post_norm', 'layer0.gate_up', 'layer0.down']
  assert.equal(names, [...attention, ...mlp, 'embedding', 'final_norm', 'head', 'rotary.cos', 'rotary.sin'])
})

test('a format that wants to see activations has the embeddings first whatever the basis', async () => {
  const { names } = await namesWritten('w8a8', false)
  assert.equal(names.slice(0, 3), ['embedding', 'embedding.scale', 'layer0.input_norm'])
  const { spec } = randomLlama()
  assert.is(isRotated(formatNamed('w8a8'), { ...spec, rotates: false }), false)
  assert.is(isRotated(formatNamed('w8a8'), spec), true)
  assert.is(isRotated(formatNamed('fp32'), spec), false)
})

test.run()
