/**
 * What every verifier of the registry promises: children drawn as it names them, it accepts children only, and two
 * tokens of tree decoding have the target's law. 6,000 walks each on a vocabulary of four; one in 10,000 of right
 * verifiers would fail a test.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { verifiers } from '../../../plugins/verifiers/index.js'
import type { Verdict } from '../../../src/core/types.js'
import { draftSampling, NOISE_OF } from '../../../src/strategies/draws.js'
import { GrowingTree } from '../../../src/strategies/growing-tree.js'
import { childrenOf, type DraftTree } from '../../../src/strategies/tree.js'
import type { Verifier, Walk } from '../../../src/strategies/verifier.js'
import { core, key, place, randomLogits, sampling } from '../../core/support/builders.js'
import { toyModel } from '../../core/support/enumerate.js'
import { chiSquareQuantile, gTest, softmaxReference, Z } from '../../support/statistics.js'

const VOCAB = 4
const WALKS = 6_000
const SHAPE = { parents: Int32Array.of(-1, 0, 0, 1, 1, 2) }
const target = toyModel(VOCAB, 41, 1, randomLogits)
const draft = toyModel(VOCAB, 42, 1, randomLogits)

/** Room for the rows of one tree of each model, and for one row more. */
const room = { target: place(new Float32Array(6 * VOCAB)), draft: place(new Float32Array(6 * VOCAB)) }
const spare = place(new Float32Array(VOCAB))

function write(at: number, node: number, row: Float32Array): number {
  core.f32(at + node * VOCAB * 4, VOCAB).set(row)
  return at + node * VOCAB * 4
}

/** The shape filled with draws as a verifier wants them; nodes whose parents lack support are left out. */
function drawn({ draws }: Verifier, temperature: number, seed: number): DraftTree {
  const tree = new GrowingTree(0)
  const planned = childrenOf(SHAPE)
  for (let node = 0; node < tree.size; node++) {
    const children = planned[tree.plannedNode[node]]
    const row = write(room.draft, node, draft.logits(tree.pathTo(node)))
    if (children.length === 0) continue
    tree.qRows[node] = node
    const asked = draftSampling(sampling(temperature))
    const noise = NOISE_OF[draws]
    const { tokens } = core.draftChildren(row, VOCAB, asked, key(seed), tree.depths[node], children.length, noise, node)
    tokens.forEach((token, rank) => tree.add(node, token, children[rank]))
  }
  return tree.finish({ logitsPtr: room.draft })
}

function verified(
  verifier: Verifier,
  temperature: number,
  seed: number,
  ready?: Walk['ready'],
): { tree: DraftTree; verdict: Verdict } {
  const tree = drawn(verifier, temperature, seed)
  tree.parents.forEach((_, node) => write(room.target, node, target.logits(pathOf(tree, node))))
  const chosen = { sampling: sampling(temperature), key: key(seed) }
  const walk = { tree, logitsPtr: room.target, vocab: VOCAB, rootPosition: 0, ready, ...chosen }
  for (;;) {
    try {
      return { tree, verdict: verifier.verify(core, walk) }
    } catch (error) {
      if (error !== PAUSED) throw error
    }
  }
}

function pathOf({ parents, tokens }: DraftTree, node: number): number[] {
  return node === 0 ? [] : [...pathOf({ parents, tokens } as DraftTree, parents[node]), tokens[node]]
}

const PAUSED = new Error('a row is not ready yet')

for (const [name, verifier] of verifiers) {
  test(`${name}: the registry's name is its own, and it names its draws`, () => {
    assert.is(verifier.name, name)
    assert.ok(verifier.draws in NOISE_OF)
  })

  test(`${name}: what it accepts is a path from the root down`, () => {
    for (let seed = 0; seed < 300; seed++) {
      const { tree, verdict } = verified(verifier, 1, seed)
      verdict.path.forEach((node, at) => assert.is(tree.parents[node], at === 0 ? 0 : verdict.path[at - 1]))
      assert.ok(verdict.token >= 0 && verdict.token < VOCAB)
    }
  })

  test(`${name}: a walk that is broken off at any row and begun again comes to the same`, () => {
    for (let seed = 0; seed < 100; seed++) {
      const made = new Set<number>()
      const pausing = (node: number): void => {
        if (made.has(node)) return
        made.add(node)
        throw PAUSED
      }
      const { tree, verdict } = verified(verifier, 1, seed, pausing)
      const whole = verified(verifier, 1, seed, () => undefined)
      assert.equal(tree.tokens, whole.tree.tokens)
      assert.equal([[...verdict.path], verdict.token], [[...whole.verdict.path], whole.verdict.token])
      assert.ok(made.size > 0)
    }
  })

  for (const temperature of [0.7, 1.5]) {
    test(`${name}: two tokens have the target's law at temperature ${temperature}`, () => {
      const seen = new Map<number, number>()
      let accepted = 0
      for (let seed = 0; seed < WALKS; seed++) {
        const { tree, verdict } = verified(verifier, temperature, seed)
        const tokens = [...Array.from(verdict.path, (node) => tree.tokens[node]), verdict.token]
        accepted += verdict.path.length
        // Where the step gave one token, the next step draws the second.
        if (tokens.length === 1) {
          const row = write(spare, 0, target.logits(tokens))
          tokens.push(core.chooseToken(row, VOCAB, sampling(temperature), key(seed + WALKS), 1))
        }
        const cell = tokens[0] * VOCAB + tokens[1]
        seen.set(cell, (seen.get(cell) ?? 0) + 1)
      }
      const law = new Map<number, number>()
      for (const [first, p] of softmaxReference(target.logits([]), temperature, 1))
        for (const [second, q] of softmaxReference(target.logits([first]), temperature, 1))
          law.set(first * VOCAB + second, p * q)
      const { g, df } = gTest(seen, law, WALKS)
      assert.ok(g < chiSquareQuantile(df, Z), `G = ${g}, limit ${chiSquareQuantile(df, Z)}`)
      assert.ok(accepted > WALKS / 4, `${accepted} draft tokens accepted`)
    })
  }
}

test.run()
