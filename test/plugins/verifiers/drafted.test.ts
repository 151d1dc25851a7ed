import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { drafted } from '../../../plugins/verifiers/drafted.js'
import type { Walk } from '../../../src/strategies/verifier.js'
import { core, key, place, sampling, tree } from '../../core/support/builders.js'

const sequoia = drafted('sequoia', 'without-replacement')
const VOCAB = 3
const logitsPtr = place([0, 0, -Infinity, 0, 0, 0])

/** p at the root is (0.5, 0.5, 0); the root has one child, token 1. */
function walk(seed: number): Walk {
  return {
    tree: tree([-1, 0], [2, 1]),
    logitsPtr,
    vocab: VOCAB,
    sampling: sampling(1),
    key: key(seed),
    rootPosition: 0,
  }
}

test('a rule has its own name, and is for its own draws and no grown tree', () => {
  assert.equal([sequoia.name, sequoia.draws, sequoia.allowsDynamic], ['sequoia', 'without-replacement', false])
})

test('every row is made ready, before the walk', () => {
  const asked: number[] = []
  sequoia.verify(core, { ...walk(1), ready: (node) => asked.push(node) })
  assert.equal(asked, [0, 1])
})

test('a child drawn from q is accepted with min(1, p / q), a guess with p (1,000 seeds)', () => {
  const q = { logitsPtr: place([-Infinity, 0, -Infinity]), rows: Int32Array.of(0, -1) }
  const accepted = (given: (seed: number) => Walk): number =>
    Array.from({ length: 1000 }, (_, seed) => sequoia.verify(core, given(seed)).path.length).reduce((a, b) => a + b)
  // p / q is 0.5 / 1, and so is p: 500 of 1,000, within four standard deviations of 16.
  for (const given of [walk, (seed: number) => ({ ...walk(seed), tree: { ...walk(seed).tree, q } })])
    assert.ok(Math.abs(accepted(given) - 500) < 64)
  // Where q gives the child 1/3, it is always accepted.
  const even = { logitsPtr: place([0, 0, 0]), rows: Int32Array.of(0, -1) }
  assert.is(
    accepted((seed) => ({ ...walk(seed), tree: { ...walk(seed).tree, q: even } })),
    1000,
  )
})

test.run()
