// @process native
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatNamed } from '../../src/formats/index.js'
import { importModel } from '../../src/import/index.js'
import { stackRows } from '../../src/common/matrix.js'
import { decodeArranged, differingRows, type Arrangement } from '../support/bits.js'
import { imported, openImported } from '../support/imported.js'
import { referenceLogits } from '../support/model-reference.js'
import { poison } from '../support/poison.js'
import { randomLlama, seeded } from '../support/random-llama.js'
import { tempFolder } from '../support/temp-folder.js'

const random = seeded(3)
const tokens = Array.from({ length: 24 }, () => Math.floor(random() * 266))

/** Size of the error against the reference, as a part of the logits' own size (root mean squares). */
function relativeError(reference: Float64Array[], logits: Float32Array): number {
  const vocab = reference[0].length
  let [error, size] = [0, 0]
  reference.forEach((row, r) => {
    row.forEach((x, v) => {
      error += (x - logits[r * vocab + v]) ** 2
      size += x ** 2
    })
  })
  return Math.sqrt(error / size)
}

const ARRANGED: Arrangement[] = [
  { chunk: () => 24 },
  { chunk: (draw) => 1 + Math.floor(4 * draw()), siblings: 2, permute: true, liveSlots: 60 },
]

const shapes = {
  'grouped heads, own head': {},
  'one K/V head per head, tied embeddings': { kvHeads: 6, tied: true },
  'one K/V head for all, odd sizes': { kvHeads: 1, hidden: 45, inner: 63, heads: 5 },
  'heads of 256 values': { kvHeads: 1, heads: 2, headDim: 256 },
}

for (const [name, overrides] of Object.entries(shapes)) {
  test(`fp32 logits equal a plain reference: ${name}`, async () => {
    const checkpoint = randomLlama(overrides)
    const reference = await referenceLogits(checkpoint, tokens)
    for (const grouped of [false, true]) {
      const forward = await openImported(await imported(checkpoint, 'fp32'), {}, grouped)
      const logits = await decodeArranged(forward, tokens, { chunk: () => 5, siblings: 1, permute: true })
      await forward.dispose()
      const worst = logits.reduce(
        (most, x, i) => Math.max(most, Math.abs(x - reference[Math.floor(i / 266)][i % 266])),
        0,
      )
      assert.ok(worst < 1e-4, `largest difference ${worst}, grouped ${grouped}`)
    }
  })

  test(`W8A8 logits are close to a plain reference: ${name}`, async () => {
    const checkpoint = randomLlama(overrides)
    const forward = await openImported(await imported(checkpoint, 'w8a8'))
    const error = relativeError(
      await referenceLogits(checkpoint, tokens),
      await decodeArranged(forward, tokens, { chunk: () => 24 }),
    )
    await forward.dispose()
    assert.ok(error > 0 && error < 0.15, `relative error ${error}`)
  })

  test(`W8A8 rows have the same bits in every arrangement: ${name}`, async () => {
    const model = await imported(randomLlama(overrides), 'w8a8')
    const single = await openImported(model, { slots: 128 })
    const alone = await decodeArranged(single, tokens)
    const same = async (forward: typeof single, arrangement: Arrangement): Promise<void> => {
      const rows = differingRows(alone, await decodeArranged(forward, tokens, arrangement), 266)
      assert.equal(rows, [], `rows that differ, lanes ${forward.cache.lanes}, ${JSON.stringify(arrangement)}`)
    }
    for (const n of [2, 3, 7, 24]) await same(single, { chunk: () => n })
    await same(single, { permute: true, liveSlots: 128 })
    await same(single, { permute: true, siblings: 3, chunk: (draw) => 1 + Math.floor(draw() * 5), seed: 5 })
    await single.dispose()
    for (const lanes of [1, 2, 4]) {
      const several = await openImported(model, { slots: 128, lanes }, true)
      await same(several, { lane: lanes - 1, siblings: 1, permute: true, chunk: () => 4 })
      await several.dispose()
    }
  })
}

test('sequences in one pass do not touch each other, whatever their number of rows', async () => {
  const model = await imported(randomLlama(), 'w8a8')
  const single = await openImported(model)
  const texts = [tokens.slice(0, 9), tokens.slice(9, 11), tokens.slice(11, 24)]
  const alone: Float32Array[] = []
  for (const text of texts) alone.push(await decodeArranged(single, text))
  await single.dispose()
  const forward = await openImported(model, { lanes: 4, slots: 16 })
  const rows = texts.flatMap((text, lane) => text.map((token, position) => ({ token, position, lane })))
  const mask = new Uint8Array(rows.length * 16)
  rows.forEach((row, i) => mask.fill(1, i * 16, i * 16 + row.position + 1))
  for (let lane = 0; lane < 4; lane++)
    await poison(
      forward.cache,
      lane,
      Array.from({ length: 16 }, (_, slot) => slot),
    )
  const logits = new Float32Array(rows.length * 266)
  await forward.run(
    {
      tokens: Int32Array.from(rows, (row) => row.token),
      positions: Int32Array.from(rows, (row) => row.position),
      slots: Int32Array.from(rows, (row) => row.position),
      lanes: Int32Array.from(rows, (row) => row.lane),
      liveSlots: 16,
      mask,
      logitRows: Int32Array.from(rows, (_, i) => i),
    },
    { logits },
  )
  await forward.dispose()
  assert.equal(differingRows(stackRows(...alone), logits, 266), [])
})

for (const format of ['fp32', 'w8a8']) {
  test(`a pass may want no logits at all (${format})`, async () => {
    const forward = await openImported(await imported(randomLlama(), format))
    const input = {
      tokens: Int32Array.of(3, 4),
      positions: Int32Array.of(0, 1),
      slots: Int32Array.of(0, 1),
      lanes: new Int32Array(2),
      liveSlots: 2,
      mask: Uint8Array.of(1, 0, 1, 1),
      logitRows: new Int32Array(0),
    }
    await forward.run(input, { logits: new Float32Array(0) })
    await forward.dispose()
  })
}

test('the hidden output is what the head reads: its rows times the head are the logits', async () => {
  const checkpoint = randomLlama()
  const dir = join(tempFolder(), 'hidden')
  const manifest = await importModel(checkpoint, { format: 'fp32', outDir: dir, hidden: true })
  const forward = await openImported({ dir, manifest })
  const hidden = new Float32Array(2 * 48)
  const logits = new Float32Array(266)
  const input = {
    tokens: Int32Array.of(3, 4),
    positions: Int32Array.of(0, 1),
    slots: Int32Array.of(0, 1),
    lanes: new Int32Array(2),
    liveSlots: 2,
    mask: Uint8Array.of(1, 0, 1, 1),
    logitRows: Int32Array.of(1),
  }
  await forward.run(input, { logits, hidden })
  await forward.dispose()
  const head = await checkpoint.read('lm_head.weight')
  logits.forEach((logit, token) => {
    const product = head
      .subarray(token * 48, (token + 1) * 48)
      .reduce((sum, weight, c) => sum + weight * hidden[48 + c], 0)
    assert.ok(Math.abs(product - logit) < 1e-4, `token ${token}: ${product} and ${logit}`)
  })
})

for (const format of ['w8a8', 'q4']) {
  test(`K in halves: logits close to those in float32, the same bits in every arrangement (${format})`, async () => {
    const checkpoint = randomLlama()
    const dir = join(tempFolder(), 'halves')
    const manifest = await importModel(checkpoint, { format, outDir: dir, kv: 'f16' })
    assert.equal([manifest.kType, manifest.files.streamed], ['float16', undefined])
    const plain = await openImported(await imported(checkpoint, format))
    const wanted = await decodeArranged(plain, tokens)
    await plain.dispose()
    const single = await openImported({ dir, manifest })
    const logits = await decodeArranged(single, tokens)
    assert.is(single.cache.shape.k, 'float16')
    const [error, size] = [0, 1].map((part) =>
      Math.sqrt(logits.reduce((sum, x, i) => sum + (part === 0 ? x - wanted[i] : wanted[i]) ** 2, 0)),
    )
    assert.ok(error > 0 && error < 0.05 * size, `${error / size}`)
    if (!(await formatNamed(format).integers!.areExact(manifest.integers!))) return single.dispose()
    for (const arrangement of ARRANGED)
      assert.equal(differingRows(logits, await decodeArranged(single, tokens, arrangement), 266), [])
    await single.dispose()
    const several = await openImported({ dir, manifest }, { lanes: 2 })
    assert.equal(differingRows(logits, await decodeArranged(several, tokens, { ...ARRANGED[1], lane: 1 }), 266), [])
    await several.dispose()
  })
}

test.run()
