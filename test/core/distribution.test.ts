/**
 * Tree decoding in distribution, by draws: pairs of tokens under both rules against the target's own law, and the same
 * test against broken verifiers, which it must fail. 100,000 draws each, seeds 0 .. 99,999, G-test with a false alarm
 * of 3e-7.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { NoiseKey, Sampling, TokenTree, Verdict } from '../../src/core/types.js'
import { core, key, place, randomLogits, sampling, tree } from './support/builders.js'
import { ALARM, gScore } from './support/g-test.js'
import { softmax } from './support/reference.js'

const DRAWS = 100_000
const VOCAB = 6
const SETTINGS: [string, Sampling][] = [
  ['temperature 0.3', sampling(0.3)],
  ['temperature 1', sampling(1)],
  ['temperature 1.5', sampling(1.5)],
  ['top-p 0.9', sampling(1, { topP: 0.9 })],
]
/** Markov models: row t is the logits after token t. */
const target = place(randomLogits(VOCAB * VOCAB, 51, 0.8))
const draft = place(randomLogits(VOCAB * VOCAB, 52, 0.8))
const rowOf = (model: number, token: number): number => model + token * VOCAB * 4

type Verify = (filled: TokenTree, logits: number, q: number, settings: Sampling, noise: NoiseKey) => Verdict
const rows = Int32Array.of(0, 1, 2, 3)
/** What a rule may read: a row per node, of target and draft. */
const logits = core.alloc(4 * VOCAB * 4)
const q = core.alloc(4 * VOCAB * 4)

/**
 * Two tokens by one step: a root with two children, the first of which has one; a short walk's second token is drawn
 * plainly.
 */
function pair(noise: 'coupled' | 'independent', settings: Sampling, seed: number, verify: Verify): number {
  const drafted = sampling(settings.temperature)
  const first = core.draftChildren(draft, VOCAB, drafted, key(seed), 10, 2, noise, 0).tokens
  const second = core.draftChildren(rowOf(draft, first[0]), VOCAB, drafted, key(seed), 11, 1, noise, 1).tokens
  const tokens = [0, first[0], first[1], second[0]]
  tokens.forEach((token, node) => {
    core.f32(logits, 4 * VOCAB).set(core.f32(rowOf(target, token), VOCAB), node * VOCAB)
    core.f32(q, 4 * VOCAB).set(core.f32(rowOf(draft, token), VOCAB), node * VOCAB)
  })
  const verdict = verify(tree([-1, 0, 0, 1], tokens), logits, q, settings, key(seed))
  const emitted = [...Array.from(verdict.path, (node) => tokens[node]), verdict.token]
  if (emitted.length < 2) emitted.push(core.chooseToken(rowOf(target, emitted[0]), VOCAB, settings, key(seed), 11))
  return emitted[0] * VOCAB + emitted[1]
}

function score(noise: 'coupled' | 'independent', settings: Sampling, verify: Verify): number {
  const counts = new Float64Array(VOCAB * VOCAB)
  for (let seed = 0; seed < DRAWS; seed++) counts[pair(noise, settings, seed, verify)]++
  const law = (token: number): Float64Array => softmax(core.f32(rowOf(target, token), VOCAB), settings)
  return gScore(
    counts,
    Array.from(law(0)).flatMap((p, token) => Array.from(law(token), (next) => p * next)),
  )
}

const coupled: Verify = (filled, at, _q, settings, noise) => core.verifyCoupled(filled, at, VOCAB, settings, noise, 10)
const sequoia: Verify = (filled, at, draftAt, settings, noise) =>
  core.verifySequoia(filled, at, draftAt, rows, VOCAB, settings, sampling(settings.temperature), noise, 10)
/** Keeps whatever was drafted first. */
const credulous: Verify = (filled, at, draftAt, settings, noise) => ({
  path: Int32Array.of(1),
  token: sequoia(filled, at, draftAt, settings, noise).token,
})
/** Takes the children for draws at another temperature. */
const wrongDraft: Verify = (filled, at, draftAt, settings, noise) =>
  core.verifySequoia(filled, at, draftAt, rows, VOCAB, settings, sampling(settings.temperature * 1.3), noise, 10)

for (const [name, settings] of SETTINGS) {
  test(`coupled trees follow the target's law (${name})`, () => {
    assert.ok(score('coupled', settings, coupled) < ALARM)
  })
  test(`sequoia trees follow the target's law (${name})`, () => {
    assert.ok(score('independent', settings, sequoia) < ALARM)
  })
}

test('the same test catches a verifier that keeps every first child', () => {
  assert.ok(score('independent', sampling(1), credulous) > 10 * ALARM)
})

test('the same test catches a verifier told the wrong draft temperature', () => {
  assert.ok(score('independent', sampling(1), wrongDraft) > 2 * ALARM)
})

test('the same test catches a walk that ends on its own second child', () => {
  const stubborn: Verify = (filled, at, _q, settings, noise) => {
    const verdict = core.verifyCoupled(filled, at, VOCAB, settings, noise, 10)
    return verdict.path.length > 0 ? verdict : { path: verdict.path, token: filled.tokens[2] }
  }
  assert.ok(score('coupled', sampling(1), stubborn) > 10 * ALARM)
})

test.run()
