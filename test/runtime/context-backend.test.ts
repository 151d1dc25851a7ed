// @process native
/**
 * Rows far into a text keep their probabilities to more digits: in every arrangement the same bits, and no other bits
 * for the rows before them.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FINE_FROM as FAR } from '../../src/graph/pass.js'
import { ContextBackend } from '../../src/runtime/context-backend.js'
import { IN_MEMORY, type Backend, type Pass } from '../../src/runtime/backend.js'
import type { Forward } from '../../src/runtime/forward.js'
import { decodeArranged, differingRows, type Arrangement } from '../support/bits.js'
import { imported, openImported, openImportedStreamed, using } from '../support/imported.js'
import { randomLlama } from '../support/random-llama.js'
import { chain, pass } from './passes.js'

const FROM = FAR - 16
const tokens = Array.from({ length: FAR + 16 }, (_, i) => (i * 37 + (i >> 3)) % 90)
const model = imported(randomLlama({ maxPositions: 2 * FAR }), 'w8a8')
const SIZE = { slots: FAR + 512 }

/** Most of the text in large passes, the rest by `chunk`. */
function arranged(chunk: Arrangement['chunk'], others: Arrangement = {}): Arrangement {
  let left = FROM
  return {
    ...others,
    from: FROM,
    chunk: (random) => {
      const rows = left > 0 ? Math.min(127, left) : chunk!(random)
      left -= rows
      return rows
    },
  }
}

/** Logits of the rows from `FROM` on, one a pass. */
const alone = model.then((opened) =>
  using(openImported(opened, SIZE), (forward) =>
    decodeArranged(
      forward,
      tokens,
      arranged(() => 1),
    ),
  ),
)

test('far rows have the same bits alone, in chunks, in trees, in any slots, in lanes, and streamed', async () => {
  const expected = await alone
  const ragged = (): Arrangement =>
    arranged((random) => 1 + Math.floor(6 * random()), { siblings: 2, permute: true, liveSlots: FAR + 500 })
  const same = async (forward: Promise<Forward>, arrangement: Arrangement): Promise<void> => {
    const { vocab } = (await forward).info
    assert.equal(
      differingRows(expected, await using(forward, (opened) => decodeArranged(opened, tokens, arrangement)), vocab),
      [],
    )
  }
  await same(
    openImported(await model, SIZE),
    arranged(() => 32),
  )
  await same(openImported(await model, SIZE), ragged())
  await same(
    openImported(await model, { ...SIZE, runtime: 'portable' }),
    arranged(() => 5),
  )
  await same(openImported(await model, { ...SIZE, lanes: 3 }), { ...ragged(), lane: 2 })
  await same(openImportedStreamed(await model, { ...SIZE, residentLayers: 1 }), ragged())
})

test('a text that goes far changes no bit of a short one that shares its passes', async () => {
  const short = tokens.slice(5, 30)
  const { vocab } = (await model).manifest.spec
  const rowsOf = async (forward: Forward, input: ReturnType<typeof pass>): Promise<Float32Array> => {
    const logits = new Float32Array(input.logitRows.length * vocab)
    await forward.run(input, { logits })
    return logits.slice(-short.length * vocab)
  }
  const expected = await using(openImported(await model, { ...SIZE, lanes: 2 }), (forward) =>
    rowsOf(forward, pass([chain(short, 1)])),
  )
  const beside = await using(openImported(await model, { ...SIZE, lanes: 2 }), async (forward) => {
    await decodeArranged(
      forward,
      tokens.slice(0, FAR),
      arranged(() => 16),
    )
    const far = pass([chain(tokens)], FAR)
    const near = pass([chain(short, 1)])
    const rows = far.slots.length + near.slots.length
    const mask = new Uint8Array(rows * far.liveSlots)
    mask.set(far.mask)
    near.slots.forEach((_, row) =>
      mask.set(
        near.mask.subarray(row * near.liveSlots, (row + 1) * near.liveSlots),
        (far.slots.length + row) * far.liveSlots,
      ),
    )
    const both = (name: 'tokens' | 'positions' | 'slots' | 'lanes'): Int32Array =>
      Int32Array.from([...far[name], ...near[name]])
    return rowsOf(forward, {
      tokens: both('tokens'),
      positions: both('positions'),
      slots: both('slots'),
      lanes: both('lanes'),
      liveSlots: far.liveSlots,
      mask,
      logitRows: Int32Array.from({ length: rows }, (_, i) => i),
    })
  })
  assert.equal(differingRows(expected, beside, vocab), [])
})

test('the graph for short texts gives near rows the bits of the one for long texts, and far rows others', async () => {
  const { dir, manifest } = await model
  const { long, ...files } = manifest.files
  assert.ok(long)
  const short = await using(openImported({ dir, manifest: { ...manifest, files } }, SIZE), (forward) =>
    decodeArranged(
      forward,
      tokens,
      arranged(() => 32),
    ),
  )
  const { vocab } = manifest.spec
  const differing = differingRows(await alone, short, vocab)
  assert.equal(
    differing.filter((row) => FROM + row < FAR),
    [],
  )
  assert.ok(differing.length > 8)
})

test('a model without far positions has no graph for them', async () => {
  assert.not((await imported(randomLlama({ maxPositions: FAR }), 'w8a8')).manifest.files.long)
  assert.not((await imported(randomLlama({ maxPositions: 2 * FAR }), 'fp32')).manifest.files.long)
})

test('the second graph is opened once, after the first is let go, and by the next pass if that failed', async () => {
  const log: string[] = []
  const backend = (name: string): Backend => ({
    kind: 'portable',
    inputNames: [],
    outputNames: [],
    run: async () => void log.push(`${name} runs`),
    traits: IN_MEMORY,
    newCache: () => {
      throw new Error('no cache is asked for')
    },
    dispose: async () => void log.push(`${name} is disposed`),
  })
  let failures = 1
  const both = new ContextBackend(backend('short'), 10, async () => {
    if (failures-- > 0) throw new Error('no memory')
    log.push('long opens')
    return backend('long')
  })
  const at = (position: bigint): Pass =>
    ({
      inputs: [{ name: 'position_ids', type: 'int64', data: BigInt64Array.of(0n, position), dims: [1, 2] }],
    }) as unknown as Pass
  await both.run(at(9n))
  assert.match(String(await both.run(at(10n)).catch((error: unknown) => error)), 'no memory')
  await both.run(at(3n))
  await both.run(at(10n))
  await both.dispose()
  assert.equal(log, ['short runs', 'short is disposed', 'long opens', 'long runs', 'long runs', 'long is disposed'])
})

test.run()
