import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readerOf, type Reader } from '../../../plugins/drafters/readers.js'
import { Core } from '../../../src/core/index.js'
import { ModelRunner } from '../../../src/passes/model-runner.js'
import { runTogether } from '../../../src/passes/run-together.js'
import type { SequenceCache } from '../../../src/passes/sequence-cache.js'
import { GrowingTree } from '../../../src/strategies/growing-tree.js'
import { RecordingForward } from '../../support/recording-forward.js'

function opened(features: { read: number; written: number }): {
  forward: RecordingForward
  cache: SequenceCache
  reader: Reader
  another(): Reader
} {
  const forward = new RecordingForward({ slots: 16 }, features)
  const limits = { maxRows: 4, maxLogitRows: 8, maxSlots: 64, maxLanes: 4, keepsHidden: features.written > 0 }
  const runner = new ModelRunner(Core.load(), forward, limits, { busyMs: 0 })
  const cache = runner.memory.open()
  const another = (): Reader => readerOf(runner, runner.memory.open())
  return { forward, cache, reader: readerOf(runner, cache), another }
}

const TOKENS = { read: 0, written: 0 }
/** Two numbers a row are read, and left: by this forward the row's token, twice. */
const FEATURES = { read: 2, written: 2 }
const read = async (reader: Reader, history: number[], wantsLast = false): Promise<number> =>
  (await runTogether([reader.read(history, wantsLast)]))[0]

test('tokens alone: what is not read yet is read, in chunks, the last row’s logits where they are wanted', async () => {
  const { forward, reader } = opened(TOKENS)
  assert.is(await read(reader, [0, 1, 2, 0, 1]), -1)
  assert.is(await read(reader, [0, 1, 2, 0, 1, 2], true), 0)
  assert.equal(
    forward.passes.map(({ tokens, logitRows }) => [[...tokens], [...logitRows]]),
    [
      [[0, 1, 2, 0], []],
      [[1], []],
      [[2], [0]],
    ],
  )
})

test('tokens alone: any text can be drafted after, and rows are saved as far as they were read', async () => {
  const { reader, another } = opened(TOKENS)
  assert.ok(reader.keepsNodes && reader.canDraftAfter(1))
  await read(reader, [0, 1, 2])
  assert.is(await reader.save(0, 4), null)
  const saved = await reader.save(0, 3)
  const other = another()
  await other.restore(saved!, 3)
  assert.equal(await other.save(0, 3), saved)
})

test('with features: each token is read with what the target made of the one before, so the first is not', async () => {
  const { forward, reader } = opened(FEATURES)
  assert.not.ok(reader.canDraftAfter(1))
  assert.ok(reader.canDraftAfter(2) && !reader.keepsNodes)
  reader.observe!(Float32Array.of(10, 11, 20, 21))
  await read(reader, [0, 1, 2], true)
  const [pass] = forward.passes
  assert.equal([...pass.tokens], [1, 2])
  assert.equal([...pass.features!], [10, 11, 20, 21])
  reader.observe!(Float32Array.of(30, 31))
  await read(reader, [0, 1, 2, 0], true)
  assert.equal([[...forward.passes[1].tokens], [...forward.passes[1].features!]], [[0], [30, 31]])
})

test('with features: nodes below the root are read with what the draft left at their parents', async () => {
  const { reader } = opened(FEATURES)
  reader.observe!(new Float32Array(4))
  await read(reader, [0, 1, 2], true)
  const tree = new GrowingTree(2)
  const child = tree.add(0, 1)
  assert.equal([...reader.featuresOf([child], tree)!], [2, 2], 'the root’s row left its token')
  reader.hasRead([child], 0)
  const below = tree.add(child, 0)
  assert.equal([...reader.featuresOf([below], tree)!], [1, 1], 'row 0 of the pass was token 1')
})

test('with features: the row of a text’s last token is saved with what comes after it', async () => {
  const { reader, another } = opened(FEATURES)
  reader.observe!(new Float32Array(6))
  await read(reader, [0, 1, 2, 0])
  const first = await reader.save(0, 2)
  const rest = await reader.save(2, 2)
  assert.is(first!.byteLength * 2, rest!.byteLength, 'one row, then two')
  assert.is(await reader.save(0, 5), null)
  const other = another()
  other.observe!(new Float32Array(6))
  await other.restore(first!, 2)
  await other.restore(rest!, 2)
  assert.equal([await other.save(0, 2), await other.save(2, 2)], [first, rest])
})

test.run()
