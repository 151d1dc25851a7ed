import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { walkByDraws } from '../../../plugins/verifiers/by-draws.js'
import type { Walk } from '../../../src/strategies/verifier.js'
import { core, key, place, randomLogits, sampling, tree } from '../../core/support/builders.js'

const VOCAB = 5
/** Children 0 .. 4 of the root, and two below the first. */
const bush = tree([-1, 0, 0, 0, 0, 0, 1, 1], [9, 0, 1, 2, 3, 4, 1, 3])
const logitsPtr = place(randomLogits(8 * VOCAB, 5))
const walk = (seed: number): Walk => ({
  tree: bush,
  logitsPtr,
  vocab: VOCAB,
  sampling: sampling(1),
  key: key(seed),
  rootPosition: 3,
})

test('rows made ready on the way give the walk that finished rows give (200 seeds)', () => {
  const lengths = new Set<number>()
  for (let seed = 0; seed < 200; seed++) {
    const whole = walkByDraws(core, walk(seed))
    const stepwise = walkByDraws(core, { ...walk(seed), ready: () => undefined })
    assert.equal([[...stepwise.path], stepwise.token], [[...whole.path], whole.token])
    lengths.add(whole.path.length)
  }
  assert.equal([...lengths].sort(), [1, 2])
})

test('a row is made ready once, before it is read, and only where the walk gets to it', () => {
  for (const seed of [1, 2, 3]) {
    const asked: number[] = []
    const { path } = walkByDraws(core, { ...walk(seed), ready: (node) => asked.push(node) })
    assert.equal(asked, [0, ...path])
  }
  const logits = place(new Float32Array(VOCAB))
  const given = { ...walk(1), tree: tree([-1], [9]), sampling: sampling(0), logitsPtr: logits }
  const { token } = walkByDraws(core, { ...given, ready: () => (core.f32(logits, VOCAB)[3] = 1) })
  assert.is(token, 3)
})

test.run()
