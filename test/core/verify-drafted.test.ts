/** The rules that read the draft's q, by exact enumeration: the law of tree decoding is the target's. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { DraftedRule, Sampling, TokenTree } from '../../src/core/types.js'
import { core, key, place, randomLogits, sampling, tree } from './support/builders.js'
import { allTrees, type Ending, endings, jointLaw, plainLaw, toyModel, type ToyModel } from './support/enumerate.js'
import { independentDraws, orderedDraws, softmax } from './support/reference.js'
import { byRejection, fromLeaves, type Mutation } from './support/rules.js'

const VOCAB = 3
const SHAPES: [string, number[]][] = [
  ['chain', [-1, 0, 1]],
  ['star', [-1, 0, 0, 0]],
  ['binary', [-1, 0, 0, 1, 1]],
  ['lopsided', [-1, 0, 0, 1, 1, 3]],
  [
    'planned',
    [...core.plan({ acceptance: Float64Array.of(0.6, 0.3, 0.1), maxNodes: 6, maxDepth: 3 }).tree(6, 3).parents],
  ],
]
const TARGETS: [string, Sampling][] = [
  ['temperature 0', sampling(0)],
  ['temperature 0.3', sampling(0.3)],
  ['temperature 1.5', sampling(1.5)],
  ['top-p 0.9', sampling(1, { topP: 0.9 })],
  ['top-k 2', sampling(1, { topK: 2 })],
]
/** Each rule and the draws it is lossless for. */
const RULES: [DraftedRule, typeof orderedDraws][] = [
  ['sequoia', orderedDraws],
  // A repeated child is passed over, and what is left is a draw without replacement.
  ['sequoia', independentDraws],
  ['specinfer', independentDraws],
  ['naive', orderedDraws],
  ['naive', independentDraws],
  ['traversal', orderedDraws],
  ['block', orderedDraws],
  ['block', independentDraws],
]

interface Case {
  rule: DraftedRule
  draws: typeof orderedDraws
  parents: readonly number[]
  target?: Sampling
  /** What the rule is told the children were drawn by. */
  draft?: Sampling
  /** What they are drawn by in truth. */
  drawnBy?: Sampling
  /** Whether the rule is told the q's. */
  qs?: boolean
  vocab?: number
}

/** Greatest difference between the laws of three tokens under tree and plain decoding. */
function error({
  rule,
  draws,
  parents,
  target = sampling(1),
  draft = sampling(target.temperature),
  drawnBy = draft,
  qs = true,
  vocab = VOCAB,
}: Case): number {
  const models = { target: toyModel(vocab, 1, 1, randomLogits), draft: toyModel(vocab, 2, 1, randomLogits) }
  const law = (context: readonly number[]): Float64Array => lawOf(models.target.logits(context), target)
  const trees = allTrees({
    parents,
    children: (context, count) => draws(lawOf(models.draft.logits(context), drawnBy), count),
  })
  const joint = jointLaw(vocab, law, trees, 3, (filled, contexts) =>
    walkedByWasm(rule, models, filled, contexts, target, draft, qs),
  )
  return plainLaw(vocab, law, 3).reduce((most, p, cell) => Math.max(most, Math.abs(p - joint[cell])), 0)
}

interface Models {
  target: ToyModel
  draft: ToyModel
}

function walkedByWasm(
  rule: DraftedRule,
  models: Models,
  filled: TokenTree,
  contexts: readonly number[][],
  target: Sampling,
  draft: Sampling,
  qs: boolean,
): Ending[] {
  const { vocab } = models.target
  const logitsPtr = place(contexts.flatMap((context) => [...models.target.logits(context)]))
  const draftLogitsPtr = place(contexts.flatMap((context) => [...models.draft.logits(context)]))
  const draftRow = Int32Array.from(contexts, (_, node) => (qs ? node : -1))
  const walk = {
    tree: filled,
    logitsPtr,
    vocab,
    sampling: target,
    key: key(1),
    rootPosition: 0,
    draftLogitsPtr,
    draftRow,
    draftSampling: draft,
  }
  const found = endings(filled, vocab, () => core.verifyDrafted(rule, walk))
  core.free(logitsPtr)
  core.free(draftLogitsPtr)
  return found
}

/** The law as the core has it: its float32 weights are what it is lossless for. */
function lawOf(logits: Float32Array, settings: Sampling): Float64Array {
  if (settings.temperature === 0) return softmax(logits, settings)
  const at = place(logits)
  const root = tree([-1], [0])
  const walk = {
    tree: root,
    logitsPtr: at,
    vocab: logits.length,
    sampling: settings,
    key: key(1),
    rootPosition: 0,
    draftLogitsPtr: 0,
    draftRow: Int32Array.of(-1),
    draftSampling: settings,
  }
  const [{ law }] = endings(root, logits.length, () => core.verifyDrafted('sequoia', walk))
  core.free(at)
  return law
}

for (const [rule, draws] of RULES) {
  const named = `${rule}, ${draws === orderedDraws ? 'without' : 'with'} replacement`
  for (const [shape, parents] of SHAPES) {
    for (const [name, target] of TARGETS) {
      test(`${named}: three tokens have the target's joint law (${shape}, ${name}; exact, error below 1e-9)`, () => {
        assert.ok(error({ rule, draws, parents, target }) < 1e-9)
      })
    }
  }

  test(`${named}: the joint law is the target's over four tokens too`, () => {
    for (const parents of [
      [-1, 0, 1, 2],
      [-1, 0, 0, 0],
      [-1, 0, 0, 1],
    ])
      assert.ok(error({ rule, draws, parents, vocab: 4 }) < 1e-9)
  })

  test(`${named}: guesses without q keep the law too, whatever they are`, () => {
    for (const [, parents] of SHAPES) assert.ok(error({ rule, draws, parents, qs: false }) < 1e-9)
  })

  test(`${named}: a truncated or greedy draft keeps the law`, () => {
    for (const [, parents] of SHAPES) assert.ok(error({ rule, draws, parents, draft: sampling(1, { topK: 2 }) }) < 1e-9)
    assert.ok(error({ rule, draws, parents: [-1, 0, 0], draft: sampling(1, { topK: 1 }) }) < 1e-9)
    assert.ok(error({ rule, draws, parents: [-1, 0, 1], draft: sampling(0) }) < 1e-9)
  })

  test(`${named}: children drawn from another law than told break it, and the enumeration sees that`, () => {
    assert.ok(error({ rule, draws, parents: [-1, 0, 0], draft: sampling(1), drawnBy: sampling(0.5) }) > 1e-3)
  })
}

test('specinfer fed with draws without replacement is caught by the enumeration', () => {
  assert.ok(error({ rule: 'specinfer', draws: orderedDraws, parents: [-1, 0, 0, 0], vocab: 4 }) > 1e-4)
})

const MUTATIONS: Mutation[] = [
  'accepts every child',
  'compares p with q upside down',
  'keeps p after a rejection',
  'leaves the rejected child in q',
  'takes the rejected child out of q without scaling the rest',
  'draws the last token from the first p',
  'keeps the chance after a rejection',
  'forgets the rejected share in the chance',
]

for (const rule of ['sequoia', 'specinfer', 'naive', 'traversal', 'block'] as const) {
  const single = rule === 'naive' || rule === 'block'
  const draws = rule === 'specinfer' ? independentDraws : orderedDraws
  const parents = single ? [-1, 0, 1] : [-1, 0, 0, 0, 1, 1]
  const models = { target: toyModel(4, 7, 1, randomLogits), draft: toyModel(4, 8, 1, randomLogits) }
  const law = (context: readonly number[]): Float64Array => lawOf(models.target.logits(context), sampling(1))
  const draftLaw = (context: readonly number[]): Float64Array => lawOf(models.draft.logits(context), sampling(1))
  const trees = allTrees({ parents, children: (context, count) => draws(draftLaw(context), count) })
  const reference = (filled: TokenTree, contexts: readonly number[][], mutation: Mutation): Ending[] => {
    const laws = { p: contexts.map(law), q: contexts.map(draftLaw) }
    return rule === 'traversal' || rule === 'block'
      ? fromLeaves(filled, laws, mutation)
      : byRejection(filled, laws, rule === 'specinfer', mutation)
  }
  const mutated = (mutation: Mutation): number => {
    const joint = jointLaw(4, law, trees, 3, (filled, contexts) => reference(filled, contexts, mutation))
    return plainLaw(4, law, 3).reduce((most, p, cell) => Math.max(most, Math.abs(p - joint[cell])), 0)
  }

  test(`${rule}: the wasm's chances and residuals are the plain float64 rule's`, () => {
    for (const { parents: filledParents, tokens, contexts } of trees.filter((_, i) => i % 37 === 0)) {
      const filled = tree(filledParents, tokens)
      const expected = reference(filled, contexts, 'none').map(describe).sort()
      assert.equal(
        walkedByWasm(rule, models, filled, contexts, sampling(1), sampling(1), true)
          .filter(({ chance }) => chance > 1e-12)
          .map(describe)
          .sort(),
        expected,
      )
    }
  })

  test(`${rule}: every mutation of it that is one is caught by the enumeration`, () => {
    assert.ok(mutated('none') < 1e-9)
    const harmless = MUTATIONS.filter((mutation) => mutated(mutation) < 1e-4)
    const aboutQ: Mutation[] = [
      'leaves the rejected child in q',
      'takes the rejected child out of q without scaling the rest',
    ]
    const aboutChance: Mutation[] = ['keeps the chance after a rejection', 'forgets the rejected share in the chance']
    const expected = {
      sequoia: aboutChance,
      specinfer: [...aboutQ, ...aboutChance],
      naive: [...aboutQ, ...aboutChance],
      traversal: [],
      block: aboutQ,
    }
    assert.equal(harmless, expected[rule])
  })
}

function describe({ chance, kept, law }: Ending): string {
  return `${kept.join()}: ${chance.toFixed(9)} ${Array.from(law, (p) => p.toFixed(9)).join(' ')}`
}

test("on a chain traversal and block verification give the chances of the block paper's formula", () => {
  const models = { target: toyModel(4, 11, 1, randomLogits), draft: toyModel(4, 12, 1, randomLogits) }
  for (const tokens of [
    [0, 1, 2, 3],
    [0, 3, 3, 0],
    [0, 2, 0, 1],
  ]) {
    const contexts = [[], [tokens[1]], [tokens[1], tokens[2]], [tokens[1], tokens[2], tokens[3]]]
    const filled = tree([-1, 0, 1, 2], tokens)
    const p = contexts.map((context) => lawOf(models.target.logits(context), sampling(1)))
    const q = contexts.map((context) => lawOf(models.draft.logits(context), sampling(1)))
    const reach = [1]
    for (let i = 1; i <= 3; i++) reach.push(Math.min(1, (reach[i - 1] * p[i - 1][tokens[i]]) / q[i - 1][tokens[i]]))
    const chances = reach.map((a, i) => {
      const rest = p[i].reduce((sum, mass, x) => sum + Math.max(a * mass - q[i][x], 0), 0)
      return i === 3 ? a : rest / (rest + 1 - a)
    })
    for (const rule of ['traversal', 'block'] as const) {
      const walked = walkedByWasm(rule, models, filled, contexts, sampling(1), sampling(1), true)
      for (let length = 3; length >= 0; length--) {
        const formula =
          chances.slice(length + 1).reduce((product, h) => product * (1 - h), 1) * (length === 0 ? 1 : chances[length])
        const measured = walked
          .filter(({ kept }) => kept.length === length)
          .reduce((sum, { chance }) => sum + chance, 0)
        assert.ok(Math.abs(measured - formula) < 1e-9)
      }
    }
  }
})

test('the law is the one the logits stand for', () => {
  const logits = randomLogits(11, 5)
  lawOf(logits, sampling(0.7)).forEach((p, x) => assert.ok(Math.abs(p - softmax(logits, sampling(0.7))[x]) < 1e-6))
})

test('where draft and target agree the first child is always kept', () => {
  const logits = place([...randomLogits(7, 3), ...randomLogits(7, 4), ...randomLogits(7, 4)])
  for (let seed = 0; seed < 200; seed++) {
    const { tokens } = core.draftChildren(logits, 7, sampling(1), key(seed), 0, 2, 'independent')
    const { path } = core.verifySequoia(
      tree([-1, 0, 0], [0, ...tokens]),
      logits,
      logits,
      Int32Array.of(0, -1, -1),
      7,
      sampling(1),
      sampling(1),
      key(seed),
      0,
    )
    assert.equal([...path], [1])
  }
})

test.run()
