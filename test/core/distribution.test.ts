/**
 * Tree decoding in distribution, by draws: pairs of tokens under both rules against the target's own law, and the same
 * test against broken verifiers, which it must fail. 60,000 draws each, seeds 0 .. 59,999, G-test with a false alarm
 * of 3e-7.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { NoiseKey, Sampling, TokenTree, Verdict } from '../../src/core/types.js'
import { core, key, place, randomLogits, sampling, tree } from './support/builders.js'
import { ALARM, gScore } from './support/g-test.js'
import { softmax } from './support/reference.js'

const DRAWS = 60_000
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

type Verify = (filled: TokenTree, logits: number, settings: Sampling, noise: NoiseKey) => Verdict
/** A root with two children, the first of which has one: filled anew for every draw. */
const filled = tree([-1, 0, 0, 1], [0, 0, 0, 0])
/** What a rule may read of the target: a row per node. Of the draft it reads the row of the node's token. */
const logits = core.alloc(4 * VOCAB * 4)
const targetLogits = core.f32(target, VOCAB * VOCAB).slice()

/** Two tokens by one step; a short walk's second token is drawn plainly. */
function pair(noise: 'coupled' | 'independent', settings: Sampling, seed: number, verify: Verify): number {
  const drafted = draftSampling(settings)
  const drawn = key(seed)
  const { tokens } = filled
  const first = core.draftChildren(draft, VOCAB, drafted, drawn, 10, 2, noise, 0).tokens
  tokens.set(first, 1)
  tokens[3] = core.draftChildren(rowOf(draft, first[0]), VOCAB, drafted, drawn, 11, 1, noise, 1).tokens[0]
  const rows = core.f32(logits, 4 * VOCAB)
  tokens.forEach((token, node) => rows.set(targetLogits.subarray(token * VOCAB, (token + 1) * VOCAB), node * VOCAB))
  const { path, token } = verify(filled, logits, settings, drawn)
  const emitted = [...Array.from(path, (node) => tokens[node]), token]
  if (emitted.length < 2) emitted.push(core.chooseToken(rowOf(target, emitted[0]), VOCAB, settings, drawn, 11))
  return emitted[0] * VOCAB + emitted[1]
}

/** The draft draws at the request's temperature, uncut. */
const draftSampling = ({ temperature }: Sampling): Sampling => sampling(temperature)

function score(noise: 'coupled' | 'independent', settings: Sampling, verify: Verify): number {
  const counts = new Float64Array(VOCAB * VOCAB)
  for (let seed = 0; seed < DRAWS; seed++) counts[pair(noise, settings, seed, verify)]++
  const law = (token: number): Float64Array => softmax(core.f32(rowOf(target, token), VOCAB), settings)
  return gScore(
    counts,
    Array.from(law(0)).flatMap((p, token) => Array.from(law(token), (next) => p * next)),
  )
}

const coupled: Verify = (tree, at, settings, noise) => core.verifyCoupled(tree, at, VOCAB, settings, noise, 10)
const sequoia: Verify = (tree, at, settings, noise) =>
  core.verifySequoia(tree, at, draft, tree.tokens, VOCAB, settings, draftSampling(settings), noise, 10)
/** Keeps whatever was drafted first. */
const credulous: Verify = (tree, at, settings, noise) => ({
  path: Int32Array.of(1),
  token: sequoia(tree, at, settings, noise).token,
})
/** Takes the children for draws at another temperature. */
const wrongDraft: Verify = (tree, at, settings, noise) =>
  core.verifySequoia(tree, at, draft, tree.tokens, VOCAB, settings, sampling(settings.temperature * 1.4), noise, 10)

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
  const stubborn: Verify = (tree, at, settings, noise) => {
    const verdict = core.verifyCoupled(tree, at, VOCAB, settings, noise, 10)
    return verdict.path.length > 0 ? verdict : { path: verdict.path, token: tree.tokens[2] }
  }
  assert.ok(score('coupled', sampling(1), stubborn) > 5 * ALARM)
})

test.run()
