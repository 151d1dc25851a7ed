// @process native
/**
 * A whole model on a device, the stand-in in its place: weights, K/V rows and passes go through the same calls as on a
 * GPU. fp32 is held to a plain reference, fp16 to fp32.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { architectures } from '../../../src/architectures/index.js'
import type { Checkpoint } from '../../../src/checkpoint/checkpoint.js'
import { loadOrtApi } from '../../../src/runtime/binding/api.js'
import { decodeArranged } from '../../support/bits.js'
import { families } from '../../support/families.js'
import { imported, openImported, using } from '../../support/imported.js'
import { referenceLogits } from '../../support/model-reference.js'
import { randomLlama, randomModel, seeded } from '../../support/random-llama.js'
import { STAND_IN, watchViews } from '../../support/stand-in-device.js'

const VOCAB = 266
const random = seeded(3)
const tokens = Array.from({ length: 24 }, () => Math.floor(random() * VOCAB))
const TREE = { chunk: () => 5, siblings: 2, permute: true, clean: true }

function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0)
}

/** The same model, whose linear weights lie on 16 levels of a block of 32, `shift` of a step off a level of zero. */
function onGrid(checkpoint: Checkpoint, shift: number): Checkpoint {
  const read = async (name: string): Promise<Float32Array> => {
    const values = await checkpoint.read(name)
    if (checkpoint.shape(name).length < 2 || name.includes('embed')) return values
    for (let at = 0; at < values.length; at += 32) {
      const block = values.subarray(at, at + 32)
      const step = 2 ** Math.floor(Math.log2(Math.max(...block.map(Math.abs)) / 6))
      block.set(block.map((value) => step * (Math.max(-8, Math.min(7, Math.round(value / step))) + shift)))
    }
    return values
  }
  return { ...checkpoint, read }
}

for (const family of architectures) {
  const spec = family.spec(families[family.name])
  if (spec.layers.some(({ attention }) => attention.cap !== null)) continue
  test(`${family.name}: logits of trees on a device are a plain reference's, of one sequence and several`, async () => {
    const checkpoint = randomModel(spec)
    const reference = (await referenceLogits(checkpoint, tokens)).flatMap((row) => Array.from(row))
    const size = Math.max(...reference.map(Math.abs))
    for (const [format, most] of [
      ['fp32', 1e-4],
      ['fp16', 2e-2],
    ] as const) {
      const model = await imported(checkpoint, format, true)
      for (const lanes of [1, 2])
        await using(openImported(model, { device: STAND_IN, slots: 128, lanes }), async (forward) => {
          const logits = await decodeArranged(forward, tokens, { ...TREE, lane: lanes - 1 })
          const off = farthest(logits, reference) / size
          assert.ok(off < most, `${format}, ${lanes} lanes: off by ${off} of the largest logit`)
        })
    }
  })
}

for (const [what, shift] of [
  ['blocks', 0],
  ['blocks with shifts', 0.3],
] as const)
  test(`4-bit weights on a device are a file's own, in ${what}: logits of trees are a plain reference's`, async () => {
    const checkpoint = onGrid(randomLlama({ hidden: 64, inner: 96, heads: 4, kvHeads: 2, headDim: 16 }), shift)
    const reference = (await referenceLogits(checkpoint, tokens)).flatMap((row) => Array.from(row))
    const model = await imported(checkpoint, 'q4', true)
    assert.equal([model.manifest.integers, model.manifest.device], [null, { cache: 'float16' }])
    for (const lanes of [1, 2])
      await using(openImported(model, { device: STAND_IN, slots: 128, lanes }), async (forward) => {
        const logits = await decodeArranged(forward, tokens, { ...TREE, lane: lanes - 1 })
        const off = farthest(logits, reference) / Math.max(...reference.map(Math.abs))
        assert.ok(off < 3e-2, `${lanes} lanes: off by ${off} of the largest logit`)
      })
  })

test('JavaScript never looks at K/V rows: no address is viewed during passes, moves and copies', async () => {
  const model = await imported(randomLlama(), 'fp16', true)
  await using(openImported(model, { device: STAND_IN, slots: 64, lanes: 2 }), async (forward) => {
    const { seen, stop } = watchViews(await loadOrtApi())
    await decodeArranged(forward, tokens, TREE)
    await forward.cache.resize([1, 0, -1, -1], 80)
    const rows = await forward.cache.read({ lane: 1, slots: Int32Array.of(0, 1, 2) })
    await forward.cache.write({ lane: 3, slots: Int32Array.of(7, 8, 9) }, rows)
    assert.equal(await forward.cache.read({ lane: 3, slots: Int32Array.of(7, 8, 9) }), rows)
    stop()
    assert.equal(seen, [])
  })
})

test('a pass that fails leaves the model as it was, and a model that is closed leaves nothing', async () => {
  const model = await imported(randomLlama(), 'fp32', true)
  const forward = await openImported(model, { device: STAND_IN, slots: 32 })
  const before = await decodeArranged(forward, tokens.slice(0, 4), { clean: true })
  const api = await loadOrtApi()
  const call = api.callAsync.bind(api)
  api.callAsync = (...args) => (args[0] === 'Run' ? Promise.reject(new Error('device lost')) : call(...args))
  const failed = await decodeArranged(forward, [1], { clean: true }).catch(String)
  Reflect.deleteProperty(api, 'callAsync')
  assert.match(String(failed), 'device lost')
  assert.equal(await decodeArranged(forward, tokens.slice(0, 4), { clean: true }), before)
  await forward.dispose()
})

test.run()
