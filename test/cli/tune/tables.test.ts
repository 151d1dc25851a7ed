import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { TunedPlan } from '../../../src/api/types.js'
import { draftsText, formatsText, tunedText, type Tuned } from '../../../src/cli/tune/tables.js'

const none: TunedPlan = { nodes: 1, depth: 0, parents: [-1], msPerStep: 20, msPerToken: 20, tokensPerSecond: 50 }
const tree: TunedPlan = { ...none, nodes: 5, depth: 4, parents: [-1, 0, 1, 2, 3], tokensPerSecond: 75 }
const plainStep = { ms: 20, draftMs: 0, targetMs: 19 }

const tuned: Tuned = {
  model: 'house',
  format: 'w8a8',
  runtime: 'binding',
  draft: 'small',
  tuning: {
    context: 256,
    target: {
      rows: [1, 16],
      contexts: [128, 2048],
      ms: [
        [18.94, 25],
        [40, 1234.56],
      ],
    },
    draft: { rows: [1], contexts: [128, 2048], ms: [[2, 3]] },
    acceptance: { greedy: [], sampled: [] },
    plainTokensPerSecond: 50,
    plan: { greedy: tree, sampled: none },
    summary: '',
  },
  measured: {
    prompts: 12,
    plain: 50,
    tree: 75,
    tokensPerStep: 2.5,
    context: 60,
    predicted: { plain: 51, tree: 74 },
    steps: { plain: plainStep, tree: { ms: 33.3, draftMs: 8, targetMs: 25 } },
  },
}

test('times of passes, trees and what decoding gave stand in columns', () => {
  assert.equal(tunedText(tuned).split('\n'), [
    'house (w8a8, binding), guesses by small',
    '',
    'Milliseconds of a pass, by rows and tokens of context',
    '        rows   128    2048',
    'target     1  18.9    25.0',
    '          16  40.0  1234.6',
    'draft      1   2.0     3.0',
    '',
    'Best tree at 256 tokens of context',
    '         nodes  levels  tokens/s  plain is 1',
    'greedy       5       4      75.0        1.50',
    'sampled   none       -      50.0        1.00',
    '',
    'Decoded: 12 prompts, 32 tokens each, greedy, at about 60 tokens of context',
    '       tokens/s  predicted  tokens a step  ms a step  drafting  pass  rest',
    'plain      50.0       51.0           1.00       20.0       0.0  19.0   1.0',
    'tree       75.0       74.0           2.50       33.3       8.0  25.0   0.3',
    '',
    'The tree made these answers 1.50 times as quick. While it serves, the engine plans anew from what it sees.',
  ])
})

test('a tree that did not pay, and none at all, are said to be that', () => {
  const { measured, tuning } = tuned
  const slow = tunedText({ ...tuned, measured: { ...measured, tree: 45 } })
  assert.match(slow, /\nThe tree did not pay in these answers \(0\.90 times plain\)/)
  const plain = {
    ...measured,
    tree: null,
    predicted: { plain: 51, tree: null },
    steps: { plain: plainStep, tree: null },
  }
  const text = tunedText({ ...tuned, tuning: { ...tuning, draft: null }, measured: plain })
  assert.match(text, /rest\nplain .*\n\nNo tree of a draft model pays here/)
  assert.not.match(text, /^draft/m)
})

test('formats stand below each other, and why one is taken', () => {
  const other = { format: 'q4', measured: { ...tuned.measured, plain: 61, tree: null } }
  assert.equal(formatsText([tuned, other], 'q4: the quickest').split('\n'), [
    'tokens/s  plain  tree',
    'w8a8       50.0  75.0',
    'q4         61.0     -',
    '',
    'format q4: the quickest',
  ])
})

test('drafts stand beside each other, the chosen one marked', () => {
  const rate = (tokensPerStep: number, msPerToken: number, ratio: number) => ({ tokensPerStep, msPerToken, ratio })
  const none = { draft: 'none', greedy: rate(1, 20, 1), sampled: rate(1, 20, 1), ratio: 1, isChosen: false }
  const head = {
    draft: 'head + ngram',
    greedy: rate(2, 12.5, 1.6),
    sampled: rate(1.3, 20, 1),
    ratio: 1.265,
    isChosen: true,
  }
  const text = draftsText({ model: 'house', format: 'w8a8', drafts: [none, head], why: 'head + ngram: it was best' })
  assert.equal(text.split('\n'), [
    'house (w8a8): 6 calibration texts, answers of at most 48 tokens, greedy and T=0.8',
    '',
    'draft         tokens a step  T=0.8  ms a token  T=0.8  plain is 1  T=0.8  both',
    'none                   1.00   1.00        20.0   20.0        1.00   1.00  1.00',
    'head + ngram           2.00   1.30        12.5   20.0        1.60   1.00  1.26  chosen',
    '',
    'draft head + ngram: it was best',
  ])
})

test.run()
