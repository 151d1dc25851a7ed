// @process native
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { graphsOf } from '../../src/import/open-files.js'
import { importDraft } from '../../src/heads/import-draft.js'
import { normalize } from '../../src/import/calibration.js'
import { Rotation } from '../../src/import/rotation.js'
import { fp16 } from '../../src/formats/fp16.js'
import { bestIntegers } from '../../src/formats/w8a8/exact-integers.js'
import type { ForwardInfo, ForwardInput } from '../../src/runtime/forward.js'
import { openForward } from '../../src/runtime/open-forward.js'
import { missingKernels } from '../support/cuda-kernels.js'
import { STAND_IN } from '../support/stand-in-device.js'
import { referenceLogits } from '../support/model-reference.js'
import { oneLayer, randomDraft } from '../support/random-draft.js'
import { randomLlama, seeded } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

const target = randomLlama()
const plain = oneLayer(target)
const { hidden, vocab } = target.spec
const { kvHeads, headDim } = target.spec.layers[0].attention
const reduced = Array.from({ length: 90 }, (_, i) => 2 * i + 1)
const random = seeded(8)
const tokens = Array.from({ length: 14 }, () => Math.floor(random() * vocab))
const root = tempFolder()

/** Rotated vectors of rms 1 that stand for the target's features: the tokens' own embeddings. */
async function rotatedEmbeddings(): Promise<Float32Array> {
  const table = normalize(await target.read('model.embed_tokens.weight'), hidden, target.spec.finalNorm.epsilon)
  const rows = Float32Array.from(
    { length: tokens.length * hidden },
    (_, i) => table[tokens[Math.floor(i / hidden)] * hidden + (i % hidden)],
  )
  new Rotation(hidden).apply(rows)
  return rows
}

async function run(
  reads: 'embedding' | 'feature',
  grouped: boolean,
  onDevice = false,
): Promise<{ logits: Float32Array; hidden: Float32Array }> {
  const outDir = join(root, `${reads}-${grouped}-${onDevice}`)
  const manifest = await importDraft(await randomDraft(target, plain, reduced, reads), target, {
    ...(onDevice ? { format: fp16, integers: null, onDevice } : { integers: await bestIntegers() }),
    outDir,
    onProgress: () => undefined,
  })
  const info: ForwardInfo = {
    vocab,
    hidden,
    features: { read: hidden, written: hidden },
    kv: { k: onDevice ? 'float16' : 'float32', v: onDevice ? 'float16' : 'float32', rows: [kvHeads * headDim] },
  }
  const forward = await openForward(
    { ...graphsOf({ dir: outDir, manifest }, { grouped }), info },
    { threads: 2, slots: 64, device: onDevice ? STAND_IN : undefined },
  )
  const n = tokens.length
  const rows = Int32Array.from({ length: n }, (_, i) => i)
  const input: ForwardInput = {
    tokens: Int32Array.from(tokens),
    positions: rows,
    slots: rows,
    lanes: new Int32Array(n),
    liveSlots: n,
    mask: Uint8Array.from({ length: n * n }, (_, i) => (i % n <= Math.floor(i / n) ? 1 : 0)),
    logitRows: rows,
    features: await rotatedEmbeddings(),
  }
  const output = { logits: new Float32Array(n * vocab), hidden: new Float32Array(n * hidden) }
  try {
    await forward.run(input, output)
    const { features: _, ...without } = input
    const error: unknown = await forward.run(without, output).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    assert.match((error as Error).message, /0 feature values came with 14 rows; this graph reads 48 a row/)
  } finally {
    await forward.dispose()
  }
  return output
}

for (const reads of ['embedding', 'feature'] as const) {
  for (const [grouped, onDevice] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ]) {
    const where = `${grouped ? 'grouped' : 'one sequence'}, on ${onDevice ? 'a device' : 'the CPU'}`
    test(`reading the ${reads}, it is one Llama layer with a smaller vocabulary (${where})`, async () => {
      const { logits, hidden: predicted } = await run(reads, grouped, onDevice)
      const reference = await referenceLogits(plain, tokens)
      let [error, size] = [0, 0]
      logits.forEach((logit, i) => {
        const token = i % vocab
        if (!reduced.includes(token)) return assert.is(logit, -Infinity)
        const expected = reference[Math.floor(i / vocab)][token]
        error += (logit - expected) ** 2
        size += expected ** 2
      })
      assert.ok(error > 0 && Math.sqrt(error / size) < 0.1, `relative error ${Math.sqrt(error / size)}`)
      for (let row = 0; row < tokens.length; row++) {
        const square = predicted.subarray(row * hidden, (row + 1) * hidden).reduce((sum, x) => sum + x * x, 0)
        assert.ok(Math.abs(square / hidden - 1) < 1e-3, 'predicted features have rms 1')
      }
    })
  }
}

test('a device has a kernel for every node, and gets no graphs of embeddings as rows', async () => {
  const outDir = join(root, 'kernels')
  const kind = { format: fp16, integers: null, onDevice: true, onProgress: () => undefined }
  const draft = await randomDraft(target, plain, reduced, 'feature')
  const { files, device } = await importDraft(draft, target, { ...kind, outDir })
  assert.equal([device, files.embedded], [{ cache: 'float16' }, undefined])
  for (const name of [files.graph, files.single])
    assert.equal(missingKernels(readFileSync(join(outDir, name))), [], name)
})

test.run()
