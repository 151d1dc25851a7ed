/**
 * Penalties, bias, masks and grammars on every path of a tree keep the distribution: exact enumeration over a
 * vocabulary of four, through the shipped processors and verifiers, against the same definitions written out again.
 */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { atOnce } from '../support/at-once.js'
import { verifiers } from '../../plugins/verifiers/index.js'
import type { Sampling, TokenTree } from '../../src/core/types.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import type { GrammarMask } from '../../src/grammar/grammar-mask.js'
import { Grammars } from '../../src/grammar/grammars.js'
import { draftSampling, type Draws } from '../../src/strategies/draws.js'
import type { Verifier } from '../../src/strategies/verifier.js'
import { checkControls } from '../../src/sampling/controls.js'
import type { SamplingFields } from '../../src/sampling/sampling-fields.js'
import { SequenceSampling } from '../../src/sampling/sequence-sampling.js'
import { core, key, place, randomLogits, sampling, tree } from '../core/support/builders.js'
import {
  allTrees,
  type Ending,
  endings,
  jointLaw,
  plainLaw,
  toyModel,
  type ToyModel,
} from '../core/support/enumerate.js'
import { independentDraws, orderedDraws, softmax } from '../core/support/reference.js'
import { noText } from './support/no-text.js'

const VOCAB = 4
const PROMPT = [2, 2, 3]
const STOP = 3

/** What each feature makes of a row, by its definition and without any state. */
type Definition = (row: Float32Array, answer: readonly number[]) => void

const FEATURES: Record<string, [SamplingFields, Definition]> = {
  'repetition penalty': [
    { repetitionPenalty: 1.7 },
    (row, answer) =>
      row.forEach(
        (x, token) => (row[token] = [...PROMPT, ...answer].includes(token) ? (x > 0 ? x / 1.7 : x * 1.7) : x),
      ),
  ],
  'presence penalty': [
    { presencePenalty: 1.2 },
    (row, answer) => row.forEach((x, token) => (row[token] = x - (answer.includes(token) ? 1.2 : 0))),
  ],
  'frequency penalty': [
    { frequencyPenalty: -0.6 },
    (row, answer) =>
      row.forEach((x, token) => (row[token] = x + 0.6 * answer.filter((other) => other === token).length)),
  ],
  'logit bias': [
    { logitBias: { 1: 2, 2: -1 } },
    (row) => row.forEach((x, token) => (row[token] = x + (token === 1 ? 2 : token === 2 ? -1 : 0))),
  ],
  'banned tokens': [{ bannedTokens: [1] }, (row) => (row[1] = -Infinity)],
  'allowed tokens': [{ allowedTokens: [0, 3, 2] }, (row) => (row[1] = -Infinity)],
  grammar: [
    { responseFormat: { type: 'regex', pattern: '[02][012]?|1[02]' } },
    (row, answer) => row.forEach((x, token) => (row[token] = grammarAllows(answer, token) ? x : -Infinity)),
  ],
  'minimum length': [
    { minTokens: 2 },
    (row, answer) =>
      (row[STOP] =
        answer.length < 2 && row.some((x, token) => token !== STOP && x > -Infinity) ? -Infinity : row[STOP]),
  ],
}
/** All texts of that grammar; after the stop token, and where no walk gets to, everything is open. */
const TEXTS = ['0', '2', '00', '01', '02', '20', '21', '22', '10', '12']
function grammarAllows(answer: readonly number[], token: number): boolean {
  const before = answer.join('')
  if (!TEXTS.some((text) => text.startsWith(before))) return true
  return token === STOP ? TEXTS.includes(before) : TEXTS.some((text) => text.startsWith(before + token))
}
const grammars = new Grammars({ tokenizer: noText, vocabSize: VOCAB, stopTokens: [STOP] })

/** In the order of application: bias, penalties, masks. */
const ORDER = [
  'logit bias',
  'repetition penalty',
  'presence penalty',
  'frequency penalty',
  'banned tokens',
  'allowed tokens',
  'grammar',
  'minimum length',
]

/** How children come about that are drawn from the draft's law: every way, with its chance. */
const WAYS: Partial<Record<Draws, typeof orderedDraws>> = {
  'without-replacement': orderedDraws,
  'with-replacement': independentDraws,
}
/** Rules that weigh p against q keep the law over all draws; those whose target draws by itself, the text of a seed. */
const [DRAWING, WEIGHING] = [true, false].map((own) =>
  [...verifiers.values()].filter(({ allowsDynamic }) => allowsDynamic === own),
)

const target = toyModel(VOCAB, 31, 1, randomLogits)
const draft = toyModel(VOCAB, 32, 1, randomLogits)

function sequence(fields: SamplingFields, grammar: GrammarMask | null = null): SequenceSampling {
  return new SequenceSampling({
    core,
    tokenizer: noText,
    controls: checkControls(fields, 8, VOCAB),
    prompt: PROMPT,
    stopTokens: new Set([STOP]),
    grammar,
  })
}

/** The model as the features make it. */
function changed(model: ToyModel, features: readonly string[]): ToyModel {
  const definitions = ORDER.filter((name) => features.includes(name)).map((name) => FEATURES[name][1])
  return {
    vocab: VOCAB,
    logits: (context) => {
      const row = model.logits(context).slice()
      for (const change of definitions) change(row, context)
      return row
    },
  }
}

const rowsOf = (model: ToyModel, contexts: readonly number[][]): number[] =>
  contexts.flatMap((context) => [...model.logits(context)])

/**
 * Greatest difference between the laws of three tokens under tree decoding with the shipped processors and plain
 * decoding by the definitions.
 */
async function error(
  rule: Verifier,
  parents: readonly number[],
  features: readonly string[],
  settings: Sampling,
  adjustsDraft = true,
): Promise<number> {
  const draws = WAYS[rule.draws]!
  const fields: SamplingFields = Object.assign({}, ...features.map((feature) => FEATURES[feature][0]))
  const { grammar: form } = checkControls(fields, 8, VOCAB)
  const grammar = form && (await grammars.mask(form.asked))
  const processed = changed(target, features)
  const law = (context: readonly number[]): Float64Array => softmax(processed.logits(context), settings)
  const qModel = adjustsDraft ? changed(draft, features) : draft
  const trees = allTrees({
    parents,
    children: (context, count) => draws(softmax(qModel.logits(context), draftSampling(settings)), count),
  })
  const joint = jointLaw(VOCAB, law, trees, 3, (filled, contexts) =>
    walked(rule, fields, filled, contexts, settings, adjustsDraft, grammar),
  )
  grammar?.dispose()
  return plainLaw(VOCAB, law, 3).reduce((most, p, cell) => Math.max(most, Math.abs(p - joint[cell])), 0)
}

function walked(
  rule: Verifier,
  fields: SamplingFields,
  filled: TokenTree,
  contexts: readonly number[][],
  settings: Sampling,
  adjustsDraft: boolean,
  grammar: GrammarMask | null,
): Ending[] {
  const sequenceSampling = sequence(fields, grammar)
  const logits = rowsOf(target, contexts)
  const logitsPtr = place(logits)
  const draftPtr = place(rowsOf(draft, contexts))
  if (adjustsDraft)
    contexts.forEach((context, node) =>
      sequenceSampling.rows?.apply(core.f32(draftPtr + node * VOCAB * 4, VOCAB), context),
    )
  const q = { logitsPtr: draftPtr, rows: Int32Array.from(contexts.keys()) }
  const found = endings(filled, VOCAB, () => {
    core.f32(logitsPtr, logits.length).set(logits)
    return atOnce(
      sequenceSampling.verify(rule, {
        tree: { ...filled, q },
        logitsPtr,
        vocab: VOCAB,
        sampling: settings,
        key: key(1),
        rootPosition: 0,
      }),
    ).verdict
  })
  core.free(logitsPtr)
  core.free(draftPtr)
  // Back to the beginning, for the next tree.
  sequenceSampling.rows?.apply(new Float32Array(VOCAB), [])
  return found
}

/** The core's weights are float32, the reference's float64. */
const TOLERANCE = 1e-6

for (const rule of WEIGHING) {
  for (const feature of ORDER) {
    test(`${rule.name}: the joint law of three tokens is the target's with ${feature} (exact)`, async () => {
      for (const settings of [sampling(1), sampling(0.6, { topP: 0.9 })]) {
        for (const parents of [
          [-1, 0, 0, 1],
          [-1, 0, 1, 2],
        ])
          assert.ok((await error(rule, parents, [feature], settings)) < TOLERANCE)
      }
    })
  }

  test(`${rule.name}: the joint law is the target's with each pair of features (exact)`, async () => {
    const pairs = ORDER.flatMap((one, i) => ORDER.slice(i + 1).map((other) => [one, other]))
    for (const pair of pairs)
      assert.ok((await error(rule, [-1, 0, 0, 1], pair, sampling(1))) < TOLERANCE, pair.join(' and '))
  })
}

test('the enumeration catches a draft whose q is not what its children were drawn from', () => {
  const settings = sampling(1)
  const fields = FEATURES['logit bias'][0]
  const processed = changed(target, ['logit bias'])
  const law = (context: readonly number[]): Float64Array => softmax(processed.logits(context), settings)
  const trees = allTrees({
    parents: [-1, 0, 0, 1],
    children: (context, count) => orderedDraws(softmax(draft.logits(context), settings), count),
  })
  const joint = jointLaw(VOCAB, law, trees, 3, (filled, contexts) =>
    walked(verifiers.get('sequoia')!, fields, filled, contexts, settings, true, null),
  )
  assert.ok(plainLaw(VOCAB, law, 3).some((p, cell) => Math.abs(p - joint[cell]) > 1e-3))
})

test('a draft that leaves its q as it is keeps the law too', async () => {
  assert.ok(
    (await error(verifiers.get('sequoia')!, [-1, 0, 0, 1], ['logit bias', 'grammar'], sampling(1), false)) < TOLERANCE,
  )
})

for (const rule of DRAWING) {
  test(`${rule.name}: every tree gives the tokens of plain decoding, under all features at once`, () => {
    const fields: SamplingFields = {
      repetitionPenalty: 1.3,
      presencePenalty: 0.4,
      frequencyPenalty: 0.3,
      logitBias: { 0: 1 },
      minTokens: 2,
    }
    const processed = changed({ vocab: VOCAB, logits: target.logits }, ['logit bias'])
    const anything = (_: readonly number[], count: number): { tokens: number[]; chance: number }[] =>
      Array.from({ length: VOCAB ** count }, (_, way) => ({
        tokens: Array.from({ length: count }, (_, i) => Math.floor(way / VOCAB ** i) % VOCAB),
        chance: 1,
      }))
    let [accepted, rejected] = [0, 0]
    for (const settings of [sampling(0), sampling(0.8)]) {
      const run = (filledTree: TokenTree, contexts: readonly number[][], committed: readonly number[]): number[] => {
        const sequenceSampling = sequence(fields)
        sequenceSampling.commit(committed)
        const logitsPtr = place(rowsOf(processed, contexts))
        const { path, token } = atOnce(
          sequenceSampling.verify(rule, {
            tree: filledTree,
            logitsPtr,
            vocab: VOCAB,
            sampling: settings,
            key: key(4),
            rootPosition: committed.length,
          }),
        ).verdict
        core.free(logitsPtr)
        return [...Array.from(path, (node) => filledTree.tokens[node]), token]
      }
      const plain: number[] = []
      while (plain.length < 4) plain.push(...run(tree([-1], [0]), [plain.slice()], plain))
      for (const { parents, tokens, contexts } of allTrees({ parents: [-1, 0, 0, 1, 2], children: anything })) {
        const emitted = run(tree(parents, tokens), contexts, [])
        assert.equal(emitted, plain.slice(0, emitted.length))
        accepted += emitted.length - 1
        rejected += parents.length - emitted.length
      }
    }
    assert.ok(accepted > 50 && rejected > 50)
  })
}

test('masks that leave nothing are an error that names them', () => {
  const logitsPtr = place([1, 2, 3, 4])
  const walk = { tree: tree([-1], [0]), logitsPtr, vocab: VOCAB, sampling: sampling(1), key: key(1), rootPosition: 0 }
  for (const rule of ['coupled', 'sequoia']) {
    try {
      atOnce(sequence({ bannedTokens: [0, 1, 2, 3] }).verify(verifiers.get(rule)!, walk))
      assert.unreachable()
    } catch (error) {
      assert.instance(error, InvalidArgumentError)
      assert.is((error as InvalidArgumentError).param, 'bannedTokens')
    }
  }
})

test.run()
