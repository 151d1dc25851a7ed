/**
 * What is defined for logits at the edge: NaN, infinities, equal logits, one-token support, one-token vocabularies,
 * empty residuals.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError, RuntimeError } from '../../src/spec/errors.js'
import type { DraftedWalk, Sampling, TokenTree } from '../../src/core/types.js'
import { core, key, place, sampling, tree } from './support/builders.js'
import { endings } from './support/enumerate.js'
import { ALARM, gScore } from './support/g-test.js'

const SETTINGS = [
  sampling(0),
  sampling(0.5),
  sampling(1, { topP: 0.9 }),
  sampling(1, { topK: 2 }),
  sampling(1, { minP: 0.1 }),
  sampling(1e-9),
  sampling(1e30),
]

function support(logits: number[], settings: Sampling): number[] {
  const at = place(logits)
  const drawn = new Set<number>()
  for (let seed = 0; seed < 300; seed++) drawn.add(core.chooseToken(at, logits.length, settings, key(seed), 0))
  return [...drawn].sort((a, b) => a - b)
}

test('NaN and -Infinity are never chosen, under any transform', () => {
  for (const settings of SETTINGS) assert.equal(support([Number.NaN, -Infinity, 1, Number.NaN], settings), [2])
})

test('a row of nothing but NaN and -Infinity is an error that says so', () => {
  for (const settings of SETTINGS) {
    assert.throws(
      () => support([Number.NaN, -Infinity], settings),
      (error: unknown) => error instanceof RuntimeError && /all NaN or -Infinity/.test(error.message),
    )
  }
})

test('a draft row of nothing but NaN gives no children', () => {
  const at = place([Number.NaN, Number.NaN])
  for (const noise of ['coupled', 'independent', 'with-replacement', 'top-k'] as const) {
    for (const settings of SETTINGS)
      assert.is(core.draftChildren(at, 2, settings, key(1), 0, 2, noise).tokens.length, 0)
  }
})

test('infinite logits share everything evenly; greedy takes the first', () => {
  const logits = [5, Infinity, Number.NaN, Infinity]
  assert.equal(support(logits, sampling(0.5)), [1, 3])
  assert.equal(support(logits, sampling(0)), [1])
  const at = place(logits)
  assert.equal([...core.draftChildren(at, 4, sampling(1), key(1), 0, 4, 'top-k').q], [0.5, 0.5])
})

test('equal logits are uniform, and what top-k and top-p keep of them are the lowest ids', () => {
  const logits = Array.from({ length: 8 }, () => -3)
  assert.equal(support(logits, sampling(0.7)), [0, 1, 2, 3, 4, 5, 6, 7])
  assert.equal(support(logits, sampling(0.7, { topK: 3 })), [0, 1, 2])
  assert.equal(support(logits, sampling(0.7, { topP: 0.5 })), [0, 1, 2, 3])
  assert.equal(support(logits, sampling(0)), [0])
})

test('-0 and 0 are equal logits', () => {
  assert.equal(support([-0, 0, -0], sampling(1, { topK: 1 })), [0])
  assert.equal(support([0, -0, 0], sampling(0)), [0])
})

test('a temperature near 0 is greedy and a huge one is uniform, without overflow', () => {
  assert.equal(support([1, 3, 2], sampling(1e-40)), [1])
  assert.equal(support([1e30, 3e30, 2e30], sampling(1)), [1])
  const at = place([1, 300, -20, 5])
  const counts = new Float64Array(4)
  for (let seed = 0; seed < 20_000; seed++) counts[core.chooseToken(at, 4, sampling(1e30), key(seed), 0)]++
  assert.ok(gScore(counts, [0.25, 0.25, 0.25, 0.25]) < ALARM)
})

test('a top-p of 0 and a min-p of 1 keep the best token', () => {
  assert.equal(support([1, 3, 2], sampling(1, { topP: 0 })), [1])
  assert.equal(support([1, 3, 2], sampling(1, { minP: 1 })), [1])
})

test('a vocabulary of one token decodes', () => {
  const at = place([0.3, 0.3, 0.3])
  assert.is(core.chooseToken(at, 1, sampling(1), key(1), 0), 0)
  assert.equal([...core.draftChildren(at, 1, sampling(1), key(1), 0, 5, 'independent').tokens], [0])
  const chain = tree([-1, 0, 1], [0, 0, 0])
  assert.equal([...core.verifyCoupled(chain, at, 1, sampling(1), key(1), 0).path], [1, 2])
  assert.equal(
    [...core.verifySequoia(chain, at, at, Int32Array.of(0, 0, 0), 1, sampling(1), sampling(1), key(1), 0).path],
    [1, 2],
  )
})

test('one-token support: that token is taken, drawn children are few', () => {
  const at = place([-Infinity, 2, -Infinity, -Infinity, 2, -Infinity])
  assert.equal([...core.draftChildren(at, 3, sampling(1), key(1), 0, 3, 'independent').tokens], [1])
  const verdict = core.verifySequoia(
    tree([-1, 0], [0, 1]),
    at,
    at,
    Int32Array.of(0, -1),
    3,
    sampling(1),
    sampling(1),
    key(1),
    0,
  )
  assert.is(verdict.path.length, 1)
})

test('a chain of 4,096 nodes is walked by every rule, and one node more is refused', () => {
  const nodes = 4096
  const at = place(new Float32Array((nodes + 1) * 2))
  const chain = (m: number): TokenTree => ({
    parents: Int32Array.from({ length: m }, (_, i) => i - 1),
    tokens: new Int32Array(m),
    depths: Int32Array.from({ length: m }, (_, i) => i),
  })
  const walk = (m: number): DraftedWalk => ({
    tree: chain(m),
    logitsPtr: at,
    vocab: 2,
    sampling: sampling(1),
    key: key(1),
    rootPosition: 0,
    draftLogitsPtr: at,
    draftRow: new Int32Array(m),
    draftSampling: sampling(1),
  })
  for (const rule of ['sequoia', 'specinfer', 'naive', 'traversal', 'block'] as const) {
    assert.is(core.verifyDrafted(rule, walk(nodes)).path.length, nodes - 1)
    assert.throws(() => core.verifyDrafted(rule, walk(nodes + 1)), /out of range/)
  }
})

test('children that q could not have drawn, and repeated ones, are passed over without bending the law', () => {
  const p = place([0, 1, 0.5, 0, 1, 0.5])
  const q = place([-Infinity, 1, 0])
  const plainLaw = endings(tree([-1], [0]), 3, () =>
    core.verifySequoia(tree([-1], [0]), p, q, Int32Array.of(-1), 3, sampling(1), sampling(1), key(1), 0),
  )[0].law
  const impossible = tree([-1, 0], [0, 0])
  const [ending, ...others] = endings(impossible, 3, () =>
    core.verifySequoia(impossible, p, q, Int32Array.of(0, -1), 3, sampling(1), sampling(1), key(1), 0),
  )
  assert.is(others.length, 0)
  assert.equal([ending.kept, [...ending.law]], [[], [...plainLaw]])
})

test("where rounding leaves nothing of the residual the target's own law stands in", () => {
  const at = place(new Float32Array(12).fill(1))
  const star = tree([-1, 0, 0, 0], [0, 0, 1, 2])
  // Equal laws: every child is accepted for sure; the script rejects all the same, which only rounding could.
  const scripted = core.alloc(8)
  const chances = core.alloc(64)
  const law = core.alloc(24)
  core.u8(scripted, 8).fill(0)
  core.wasm.set_script(scripted, 8, chances, law, 3)
  const verdict = core.verifySequoia(star, at, at, Int32Array.of(0, -1, -1, -1), 3, sampling(1), sampling(1), key(1), 0)
  core.wasm.set_script(0, 0, 0, 0, 0)
  assert.is(verdict.path.length, 0)
  core.f64(law, 3).forEach((p) => assert.ok(Math.abs(p - 1 / 3) < 1e-7))
})

test('numbers out of range are refused as invalid arguments', () => {
  const at = place([1, 2, 3, 4, 5, 6])
  const bad = [
    sampling(-1),
    sampling(Number.NaN),
    sampling(1, { topK: -1 }),
    sampling(1, { topP: 1.5 }),
    sampling(1, { topP: Number.NaN }),
    sampling(1, { minP: -0.1 }),
  ]
  for (const settings of bad)
    assert.throws(
      () => core.chooseToken(at, 3, settings, key(1), 0),
      (error: unknown) => error instanceof InvalidArgumentError,
    )
  assert.throws(() => core.chooseToken(at, 0, sampling(1), key(1), 0), /out of range/)
  assert.throws(() => core.chooseToken(at + 1, 3, sampling(1), key(1), 0), /unaligned/)
  assert.throws(() => core.chooseToken(2 ** 31, 3, sampling(1), key(1), 0), /leaves wasm memory/)
  assert.throws(() => core.verifyCoupled(tree([-1, 0], [0, 3]), at, 3, sampling(1), key(1), 0), /within the vocabulary/)
  assert.throws(
    () =>
      core.verifyCoupled(
        { parents: Int32Array.of(0), tokens: Int32Array.of(0), depths: Int32Array.of(0) },
        at,
        3,
        sampling(1),
        key(1),
        0,
      ),
    /parents before children/,
  )
})

test.run()
