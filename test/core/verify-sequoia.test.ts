/** Sequoia's rule, by exact enumeration: the law of tree decoding is the target's. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Sampling } from '../../src/core/types.js'
import { core, key, place, randomLogits, sampling, tree } from './support/builders.js'
import { allTrees, endings, jointLaw, plainLaw, toyModel } from './support/enumerate.js'
import { orderedDraws, softmax } from './support/reference.js'

const VOCAB = 3
const SHAPES: [string, number[]][] = [
  ['chain', [-1, 0, 1]],
  ['star', [-1, 0, 0, 0]],
  ['binary', [-1, 0, 0, 1, 1]],
  ['lopsided', [-1, 0, 0, 1, 1, 3]],
]
const TARGETS: [string, Sampling][] = [
  ['temperature 0', sampling(0)],
  ['temperature 0.3', sampling(0.3)],
  ['temperature 1.5', sampling(1.5)],
  ['top-p 0.9', sampling(1, { topP: 0.9 })],
  ['top-k 2', sampling(1, { topK: 2 })],
]
const target = toyModel(VOCAB, 1, 1, randomLogits)
const draft = toyModel(VOCAB, 2, 1, randomLogits)

/** Greatest difference between the laws of three tokens under tree and plain decoding. */
function error(parents: number[], targetSampling: Sampling, draftSampling: Sampling, qs: boolean): number {
  const law = (context: readonly number[]): Float64Array => softmaxOf(target.logits(context), targetSampling)
  const trees = allTrees({ parents, children: (context, count) => orderedDraws(softmaxOf(draft.logits(context), draftSampling), count) })
  const joint = jointLaw(target, law, trees, 3, (filled, at, contexts) => {
    const q = place(contexts.flatMap((context) => [...draft.logits(context)]))
    const rows = Int32Array.from(contexts, (_, node) => (qs ? node : -1))
    const verdict = core.verifySequoia(filled, at, q, rows, VOCAB, targetSampling, draftSampling, key(1), 0)
    core.free(q)
    return verdict
  })
  return plainLaw(VOCAB, law, 3).reduce((most, p, cell) => Math.max(most, Math.abs(p - joint[cell])), 0)
}

/** The law as the core has it: its float32 weights are what it is lossless for. */
function softmaxOf(logits: Float32Array, settings: Sampling): Float64Array {
  if (settings.temperature === 0) return softmax(logits, settings)
  const at = place(logits)
  const root = tree([-1], [0])
  const [{ law }] = endings(root, logits.length, () => core.verifySequoia(root, at, 0, Int32Array.of(-1), logits.length, settings, settings, key(1), 0))
  core.free(at)
  return law
}

for (const [shape, parents] of SHAPES) {
  for (const [name, settings] of TARGETS) {
    test(`sequoia keeps the joint law of three tokens: ${shape}, ${name} (exact, error below 1e-9)`, () => {
      assert.ok(error(parents, settings, sampling(settings.temperature), true) < 1e-9)
    })
  }
}

test('guesses without q keep the law too, whatever they are', () => {
  for (const [, parents] of SHAPES) assert.ok(error(parents, sampling(1), sampling(1), false) < 1e-9)
})

test('a truncated draft keeps the law: its children are fewer', () => {
  for (const [, parents] of SHAPES) assert.ok(error(parents, sampling(1), sampling(1, { topK: 2 }), true) < 1e-9)
  assert.ok(error([-1, 0, 0], sampling(1), sampling(1, { topK: 1 }), true) < 1e-9)
})

test('a greedy draft under a sampling target keeps the law', () => {
  assert.ok(error([-1, 0, 1], sampling(1), sampling(0), true) < 1e-9)
})

test('the law is the one the logits stand for', () => {
  const logits = randomLogits(11, 5)
  softmaxOf(logits, sampling(0.7)).forEach((p, x) => assert.ok(Math.abs(p - softmax(logits, sampling(0.7))[x]) < 1e-6))
})

test('children drawn from another law than told are caught by the enumeration', () => {
  const law = (context: readonly number[]): Float64Array => softmaxOf(target.logits(context), sampling(1))
  const trees = allTrees({ parents: [-1, 0, 0], children: (context, count) => orderedDraws(softmaxOf(draft.logits(context), sampling(0.5)), count) })
  const joint = jointLaw(target, law, trees, 3, (filled, at, contexts) => {
    const q = place(contexts.flatMap((context) => [...draft.logits(context)]))
    return core.verifySequoia(filled, at, q, Int32Array.from(contexts, (_, node) => node), VOCAB, sampling(1), sampling(1), key(1), 0)
  })
  assert.ok(plainLaw(VOCAB, law, 3).some((p, cell) => Math.abs(p - joint[cell]) > 1e-3))
})

test('where draft and target agree the first child is always kept', () => {
  const logits = place([...randomLogits(7, 3), ...randomLogits(7, 4), ...randomLogits(7, 4)])
  for (let seed = 0; seed < 200; seed++) {
    const { tokens } = core.draftChildren(logits, 7, sampling(1), key(seed), 0, 2, 'independent')
    const { path } = core.verifySequoia(tree([-1, 0, 0], [0, ...tokens]), logits, logits, Int32Array.of(0, -1, -1), 7, sampling(1), sampling(1), key(seed), 0)
    assert.equal([...path], [1])
  }
})

test.run()
