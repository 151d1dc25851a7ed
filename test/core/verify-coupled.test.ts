/** The coupled rule: the tree decides how far a pass reaches, never which tokens come. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Sampling } from '../../src/core/types.js'
import { core, key, place, randomLogits, sampling, tree, uniforms } from './support/builders.js'
import { allTrees, toyModel } from './support/enumerate.js'

const SETTINGS: Sampling[] = [
  sampling(0),
  sampling(0.3),
  sampling(0.8),
  sampling(1.3),
  sampling(1, { topP: 0.9 }),
  sampling(1, { topK: 3, minP: 0.05 }),
]

/** Plain decoding: `length` tokens, one row at a time. */
function plain(
  model: ReturnType<typeof toyModel>,
  settings: Sampling,
  seed: number,
  from: number,
  length: number,
): number[] {
  const context: number[] = []
  for (let i = 0; i < length; i++) {
    const at = place(model.logits(context))
    context.push(core.chooseToken(at, model.vocab, settings, key(seed), from + i))
    core.free(at)
  }
  return context
}

test('every tree over three tokens gives the tokens of plain decoding (1,000-odd trees, six settings)', () => {
  const model = toyModel(3, 3, 1, randomLogits)
  const anything = (_: readonly number[], count: number): { tokens: number[]; chance: number }[] =>
    Array.from({ length: 3 ** count }, (_, way) => ({
      tokens: Array.from({ length: count }, (_, i) => Math.floor(way / 3 ** i) % 3),
      chance: 1,
    }))
  let accepted = 0
  let rejected = 0
  for (const parents of [
    [-1, 0, 1, 2],
    [-1, 0, 0, 0],
    [-1, 0, 0, 1, 1, 2],
  ]) {
    for (const { parents: filledParents, tokens, contexts } of allTrees({ parents, children: anything })) {
      const filled = tree(filledParents, tokens)
      const at = place(contexts.flatMap((context) => [...model.logits(context)]))
      for (const settings of SETTINGS) {
        const verdict = core.verifyCoupled(filled, at, 3, settings, key(8), 5)
        const emitted = [...Array.from(verdict.path, (node) => tokens[node]), verdict.token]
        assert.equal(emitted, plain(model, settings, 8, 5, emitted.length))
        accepted += verdict.path.length
        rejected += filledParents.length - 1 - verdict.path.length
      }
      core.free(at)
    }
  }
  assert.ok(accepted > 1000 && rejected > 1000)
})

test('drafted trees, merged and grown at will, on a vocabulary of 300 give the tokens of plain decoding', () => {
  const model = toyModel(300, 4, 3, randomLogits)
  const uniform = uniforms(9)
  let accepted = 0
  for (let round = 0; round < 200; round++) {
    const settings = SETTINGS[round % SETTINGS.length]
    const parents = [-1]
    const tokens = [0]
    const contexts: number[][] = [[]]
    while (parents.length < 12) {
      const node = Math.floor(uniform() * parents.length)
      const at = place(Float32Array.from(model.logits(contexts[node]), (logit) => logit + uniform() - 0.5))
      for (const token of core.draftChildren(at, 300, settings, key(round), 40 + contexts[node].length, 3, 'coupled')
        .tokens) {
        parents.push(node)
        tokens.push(token)
        contexts.push([...contexts[node], token])
      }
      core.free(at)
    }
    const at = place(contexts.flatMap((context) => [...model.logits(context)]))
    const verdict = core.verifyCoupled(tree(parents, tokens), at, 300, settings, key(round), 40)
    core.free(at)
    const emitted = [...Array.from(verdict.path, (node) => tokens[node]), verdict.token]
    assert.equal(emitted, plain(model, settings, round, 40, emitted.length))
    accepted += verdict.path.length
  }
  assert.ok(accepted > 200)
})

test('a node that is not reached may have broken logits', () => {
  const row = randomLogits(5, 6)
  const best = row.indexOf(Math.max(...row))
  const at = place([...row, ...new Float32Array(5).fill(Number.NaN)])
  const verdict = core.verifyCoupled(tree([-1, 0], [0, (best + 1) % 5]), at, 5, sampling(0), key(1), 0)
  assert.equal([[...verdict.path], verdict.token], [[], best])
  assert.throws(() => core.verifyCoupled(tree([-1, 0], [0, best]), at, 5, sampling(0), key(1), 0), /NaN or -Infinity/)
})

test.run()
