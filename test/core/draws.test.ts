/** Draws from one row: the target's token and a draft's children. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { core, key, place, randomLogits, sampling, uniforms } from './support/builders.js'
import { ALARM, gScore } from './support/g-test.js'
import { independentDraws, orderedDraws, softmax } from './support/reference.js'
import type { Sampling } from '../../src/core/types.js'

const DRAWS = 100_000
const SETTINGS: [string, Sampling][] = [
  ['temperature 0.3', sampling(0.3)],
  ['temperature 1', sampling(1)],
  ['temperature 1.5', sampling(1.5)],
  ['top-p 0.9', sampling(1, { topP: 0.9 })],
  ['top-k 7', sampling(1, { topK: 7 })],
  ['min-p 0.1', sampling(1, { minP: 0.1 })],
  ['top-k 9, then top-p 0.8, then min-p 0.05', sampling(1.2, { topK: 9, topP: 0.8, minP: 0.05 })],
]

for (const [name, settings] of SETTINGS) {
  test(`chosen tokens follow the softmax (${name}; 100,000 draws, G-test, false alarm 3e-7)`, () => {
    const logits = randomLogits(37, 11)
    const at = place(logits)
    const counts = new Float64Array(logits.length)
    for (let i = 0; i < DRAWS; i++) counts[core.chooseToken(at, logits.length, settings, key(i), 3)]++
    assert.ok(gScore(counts, softmax(logits, settings)) < ALARM)
  })
}

test('draws at the positions of one seed follow the softmax too (100,000 draws)', () => {
  const logits = randomLogits(37, 12)
  const at = place(logits)
  const counts = new Float64Array(logits.length)
  for (let i = 0; i < DRAWS; i++) counts[core.chooseToken(at, logits.length, sampling(1), key(99), i)]++
  assert.ok(gScore(counts, softmax(logits, sampling(1))) < ALARM)
})

test('neighbouring positions are independent (triples of tokens, 100,000 draws)', () => {
  const logits = randomLogits(4, 13, 1)
  const at = place(logits)
  const law = softmax(logits, sampling(1))
  const counts = new Float64Array(64)
  const draw = (seed: number, position: number): number => core.chooseToken(at, 4, sampling(1), key(seed), position)
  for (let i = 0; i < DRAWS; i++) counts[draw(i, 0) * 16 + draw(i, 1) * 4 + draw(i, 2)]++
  assert.ok(
    gScore(
      counts,
      Float64Array.from(counts, (_, cell) => law[cell >> 4] * law[(cell >> 2) & 3] * law[cell & 3]),
    ) < ALARM,
  )
})

test('tokens too rare for noise of their own are drawn as often as they should (400 draws, 2^20 rare tokens)', () => {
  const vocab = 2 ** 20
  const logits = new Float32Array(vocab).fill(Math.log(1 / vocab))
  logits[5] = 0
  const at = place(logits)
  const counts = new Float64Array(9)
  for (let i = 0; i < 400; i++) {
    const token = core.chooseToken(at, vocab, sampling(1), key(i), 0)
    counts[token === 5 ? 8 : Math.floor(token / (vocab / 8))]++
  }
  core.free(at)
  assert.ok(
    gScore(
      counts,
      Array.from(counts, (_, cell) => (cell === 8 ? 1 / 2 : 1 / 16)),
    ) < ALARM,
  )
})

test("the support under top-k, top-p and min-p is the reference's, over random rows", () => {
  const uniform = uniforms(21)
  for (let round = 0; round < 300; round++) {
    const vocab = 1 + Math.floor(uniform() * 60)
    const logits = randomLogits(vocab, round)
    const settings = sampling(0.2 + uniform() * 1.5, {
      topK: Math.floor(uniform() * 20),
      topP: uniform() < 0.3 ? 1 : uniform(),
      minP: uniform() < 0.5 ? 0 : uniform() * 0.3,
    })
    const law = softmax(logits, settings)
    const at = place(logits)
    const { tokens, q } = core.draftChildren(at, vocab, settings, key(round), 0, vocab, 'independent')
    core.free(at)
    assert.equal(
      Array.from(tokens).sort((a, b) => a - b),
      Array.from(law.keys()).filter((x) => law[x] > 0),
    )
    tokens.forEach((token, i) => assert.ok(Math.abs(q[i] - law[token]) < 1e-6))
  }
})

test("probabilities are the reference's, and one-hot at temperature 0", () => {
  const uniform = uniforms(22)
  for (let round = 0; round < 200; round++) {
    const vocab = 1 + Math.floor(uniform() * 70)
    const logits = randomLogits(vocab, 1000 + round)
    const settings = sampling(round % 5 === 0 ? 0 : 0.2 + uniform(), {
      topK: Math.floor(uniform() * 9),
      topP: uniform() < 0.5 ? 1 : uniform(),
    })
    const at = place(logits)
    const out = core.alloc(vocab * 4)
    core.probabilities(at, vocab, settings, out)
    const law = softmax(logits, settings)
    core.f32(out, vocab).forEach((p, x) => assert.ok(Math.abs(p - law[x]) < 1e-6))
    core.free(at)
    core.free(out)
  }
})

test('equal logits are told apart by their id: the lower one stays', () => {
  const at = place([1, 3, 3, 3, 2])
  const support = (settings: Sampling): number[] =>
    Array.from(core.draftChildren(at, 5, settings, key(1), 0, 5, 'independent').tokens).sort()
  assert.equal(support(sampling(1, { topK: 2 })), [1, 2])
  assert.equal(support(sampling(1, { topP: 0.3 })), [1, 2])
  assert.is(core.chooseToken(at, 5, sampling(0), key(1), 0), 1)
  assert.equal(Array.from(core.draftChildren(at, 5, sampling(0), key(1), 0, 4, 'coupled').tokens), [1, 2, 3, 4])
})

for (const noise of ['coupled', 'independent'] as const) {
  test(`${noise} children are drawn without replacement (ordered triples, 100,000 draws)`, () => {
    const logits = randomLogits(5, 31, 1)
    const at = place(logits)
    const ways = orderedDraws(softmax(logits, sampling(0.8)), 3)
    const counts = new Map(ways.map(({ tokens }) => [tokens.join(), 0]))
    for (let i = 0; i < DRAWS; i++) {
      const drawn = core.draftChildren(at, 5, sampling(0.8), key(i), 4, 3, noise, 7).tokens.join()
      counts.set(drawn, counts.get(drawn)! + 1)
    }
    assert.ok(
      gScore(
        [...counts.values()],
        ways.map(({ chance }) => chance),
      ) < ALARM,
    )
  })
}

test('children with replacement are independent draws (pairs, 100,000 draws)', () => {
  const logits = randomLogits(5, 32, 1)
  const at = place(logits)
  const ways = independentDraws(softmax(logits, sampling(1)), 2)
  const counts = new Map(ways.map(({ tokens }) => [tokens.join(), 0]))
  for (let i = 0; i < DRAWS; i++) {
    const drawn = core.draftChildren(at, 5, sampling(1), key(i), 4, 2, 'with-replacement', 7).tokens.join()
    counts.set(drawn, counts.get(drawn)! + 1)
  }
  assert.ok(
    gScore(
      [...counts.values()],
      ways.map(({ chance }) => chance),
    ) < ALARM,
  )
})

test("where the draft is the target, the first coupled child is the target's own draw", () => {
  const logits = randomLogits(1000, 33)
  const at = place(logits)
  for (let i = 0; i < 500; i++) {
    const [first] = core.draftChildren(at, 1000, sampling(0.9), key(7), i, 3, 'coupled').tokens
    assert.is(first, core.chooseToken(at, 1000, sampling(0.9), key(7), i))
  }
})

test("independent children tell nothing about the target's draw (100,000 draws)", () => {
  const logits = randomLogits(4, 34, 1)
  const at = place(logits)
  const law = softmax(logits, sampling(1))
  const counts = new Float64Array(16)
  for (let i = 0; i < DRAWS; i++) {
    const [child] = core.draftChildren(at, 4, sampling(1), key(i), 2, 1, 'independent').tokens
    counts[child * 4 + core.chooseToken(at, 4, sampling(1), key(i), 2)]++
  }
  assert.ok(
    gScore(
      counts,
      Float64Array.from(counts, (_, cell) => law[cell >> 2] * law[cell & 3]),
    ) < ALARM,
  )
})

test('top-k children are the likeliest tokens in order, as far as the transforms keep them', () => {
  const logits = randomLogits(100, 35)
  const at = place(logits)
  const order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a])
  assert.equal(Array.from(core.draftChildren(at, 100, sampling(1), key(1), 0, 10, 'top-k').tokens), order.slice(0, 10))
  assert.equal(
    Array.from(core.draftChildren(at, 100, sampling(1, { topK: 4 }), key(1), 0, 10, 'top-k').tokens),
    order.slice(0, 4),
  )
})

test('large rows agree with the float64 reference to 1e-6 in every probability', () => {
  const vocab = 50_000
  const logits = randomLogits(vocab, 36, 3)
  const at = place(logits)
  const law = softmax(logits, sampling(0.7))
  const { tokens, q } = core.draftChildren(at, vocab, sampling(0.7), key(1), 0, 400, 'top-k')
  tokens.forEach((token, i) => assert.ok(Math.abs(q[i] / law[token] - 1) < 2e-6))
  core.free(at)
})

test.run()
