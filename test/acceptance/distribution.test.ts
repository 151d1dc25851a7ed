/**
 * Tree decoding draws from the target's distribution: the joint of the first two tokens after a fixed prefix, on the
 * micro pair's real logits, 100,000 seeds for each rule and setting. Each G-test has a false-alarm rate of 1e-4 (8
 * tests: under one in a thousand for the file); seeds are fixed. A verifier that mistakes q must fail the same test.
 */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Core } from '../../src/core/index.js'
import type { NoiseKey, Sampling, TokenTree, Verdict } from '../../src/core/types.js'
import { openMicroTables, type MicroTables } from '../support/micro-tables.js'
import { chiSquareQuantile, gTest, pairLaw, Z } from '../support/statistics.js'
import { testedFormat } from '../support/tested-format.js'

const DRAWS = 100_000
/** Root, two children, one grandchild under the first. */
const PARENTS = Int32Array.of(-1, 0, 0, 1)
const DEPTHS = Int32Array.of(0, 1, 1, 2)

type Rule = 'coupled' | 'sequoia' | 'broken'

let tables: MicroTables
const distribution = suite(`distribution of tree decoding on the micro pair in ${testedFormat}`)
distribution.before(async () => {
  tables = await openMicroTables()
})
distribution.after(() => tables.close())

/** One decode step (and, if it emits one token only, a plain one after it): the first two tokens. */
async function twoTokens(
  rule: Rule,
  sampling: Sampling,
  key: NoiseKey,
  targetPtr: number,
  draftPtr: number,
): Promise<[number, number]> {
  const { core, vocab, rootPosition, target, draft } = tables
  const noise = rule === 'coupled' ? 'coupled' : 'independent'
  const plain = { ...sampling, topK: 0, topP: 1, minP: 0 }
  const put = (at: number, row: number, logits: Float32Array): void => core.f32(at + row * vocab * 4, vocab).set(logits)
  put(draftPtr, 0, draft.root)
  const children = core.draftChildren(draftPtr, vocab, plain, key, rootPosition, 2, noise, 0).tokens
  put(draftPtr, 1, await draft.after(children[0]))
  const grandchild = core.draftChildren(draftPtr + vocab * 4, vocab, plain, key, rootPosition + 1, 1, noise, 1).tokens
  const tree: TokenTree = {
    parents: PARENTS,
    depths: DEPTHS,
    tokens: Int32Array.of(0, children[0], children[1], grandchild[0]),
  }
  put(targetPtr, 0, target.root)
  put(targetPtr, 1, await target.after(children[0]))
  put(targetPtr, 2, await target.after(children[1]))
  const { path, token } = walk(core, rule, tree, targetPtr, draftPtr, sampling, plain, key)
  const emitted = [...Array.from(path, (node) => tree.tokens[node]), token]
  if (emitted.length > 1) return [emitted[0], emitted[1]]
  put(targetPtr, 0, await target.after(token))
  return [token, core.chooseToken(targetPtr, vocab, sampling, key, rootPosition + 1)]
}

function walk(
  core: Core,
  rule: Rule,
  tree: TokenTree,
  targetPtr: number,
  draftPtr: number,
  sampling: Sampling,
  plain: Sampling,
  key: NoiseKey,
): Verdict {
  const { vocab, rootPosition } = tables
  if (rule === 'coupled') return core.verifyCoupled(tree, targetPtr, vocab, sampling, key, rootPosition)
  // The broken rule believes the children were drawn from another q than they were.
  const believed = rule === 'broken' ? { ...plain, temperature: 2 * plain.temperature } : plain
  return core.verifySequoia(
    tree,
    targetPtr,
    draftPtr,
    Int32Array.of(0, 1, -1, -1),
    vocab,
    sampling,
    believed,
    key,
    rootPosition,
  )
}

async function fit(rule: Rule, temperature: number, topP: number): Promise<{ g: number; limit: number; df: number }> {
  const { core, vocab, target } = tables
  const sampling: Sampling = { temperature, topK: 0, topP, minP: 0 }
  const targetPtr = core.alloc(4 * vocab * 4)
  const draftPtr = core.alloc(2 * vocab * 4)
  const observed = new Map<number, number>()
  for (let seed = 0; seed < DRAWS; seed++) {
    const [first, second] = await twoTokens(rule, sampling, { seed: BigInt(seed), choice: 0 }, targetPtr, draftPtr)
    const cell = first * vocab + second
    observed.set(cell, (observed.get(cell) ?? 0) + 1)
  }
  core.free(targetPtr)
  core.free(draftPtr)
  const expected = await pairLaw(target.root, (first) => target.after(first), { temperature, topP }, DRAWS)
  const { g, df } = gTest(observed, expected, DRAWS)
  return { g, df, limit: chiSquareQuantile(df, Z) }
}

for (const rule of ['coupled', 'sequoia'] as const) {
  for (const [temperature, topP] of [
    [0.3, 1],
    [1, 1],
    [1.5, 1],
    [1, 0.9],
  ]) {
    distribution(`${rule}: T=${temperature}, top-p ${topP}`, async () => {
      const { g, df, limit } = await fit(rule, temperature, topP)
      console.log(`${rule} T=${temperature} top-p ${topP}: G = ${g.toFixed(1)}, df ${df}, limit ${limit.toFixed(1)}`)
      assert.ok(df > 5 && g < limit, `G = ${g}, limit ${limit} at ${df} degrees of freedom`)
    })
  }
}

distribution('the test fails for a verifier that mistakes q', async () => {
  const { g, limit } = await fit('broken', 1, 1)
  console.log(`broken: G = ${g.toFixed(1)}, limit ${limit.toFixed(1)}`)
  assert.ok(g > 2 * limit, `a biased rule went unnoticed: G = ${g}, limit ${limit}`)
})

distribution.run()
