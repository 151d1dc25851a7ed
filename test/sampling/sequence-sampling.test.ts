import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Turns } from '../../src/common/turns.js'
import { atOnce } from '../support/at-once.js'
import { verifiers } from '../../plugins/verifiers/index.js'
import { checkControls } from '../../src/sampling/controls.js'
import type { SamplingFields } from '../../src/sampling/sampling-fields.js'
import { SequenceSampling, type SequenceSamplingOptions } from '../../src/sampling/sequence-sampling.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import type { Walk } from '../../src/strategies/verifier.js'
import { core, key, place, sampling, tree } from '../core/support/builders.js'
import { noText } from './support/no-text.js'

const VOCAB = 4
const STOP = 3
const greedy = verifiers.get('coupled')!

function sequence(fields: SamplingFields, grammar: SequenceSamplingOptions['grammar'] = null): SequenceSampling {
  return new SequenceSampling({
    core,
    tokenizer: noText,
    controls: checkControls(fields, 8, VOCAB),
    prompt: [2],
    stopTokens: new Set([STOP]),
    grammar,
  })
}

/** A chain over rows [node][vocab], greedy. */
function walk(tokens: number[], rows: number[][]): Walk {
  return {
    tree: tree(
      tokens.map((_, node) => node - 1),
      tokens,
    ),
    logitsPtr: place(rows.flat()),
    vocab: VOCAB,
    sampling: sampling(0),
    key: key(1),
    rootPosition: 5,
  }
}

test('a request that changes no logits gives its drafter no processors', () => {
  assert.is(sequence({ logprobs: 2 }).rows, undefined)
  assert.is.not(sequence({ minTokens: 1 }).rows, undefined)
})

test('each row is changed as the path to its node asks for', () => {
  // The root's best is 1; below 1 it is 1 again, which presence takes 2 from, so that 0 comes.
  const { path, token } = atOnce(
    sequence({ presencePenalty: 2 }).verify(
      greedy,
      walk(
        [9, 1],
        [
          [1, 3, 0, 0],
          [2, 3, 0, 0],
        ],
      ),
    ),
  ).verdict
  assert.equal([[...path], token], [[1], 0])
})

test('bias is added before a mask has the last word', () => {
  const { token } = atOnce(
    sequence({ logitBias: { 2: 100 }, bannedTokens: [2] }).verify(greedy, walk([9], [[1, 3, 0, 0]])),
  ).verdict
  assert.is(token, 1)
})

test('what was committed counts for the rows that come after', () => {
  const counted = sequence({ frequencyPenalty: 1 })
  counted.commit([1, 1, 1])
  assert.is(atOnce(counted.verify(greedy, walk([9], [[1, 3, 0, 0]]))).verdict.token, 0)
})

test('log probabilities are read from the rows as the target wrote them', () => {
  const rows = [[0, 2, 0, 0]]
  const plain = atOnce(sequence({ logprobs: 1 }).verify(greedy, walk([9], rows))).logprobs!
  const { verdict, logprobs } = atOnce(sequence({ logprobs: 1, bannedTokens: [1] }).verify(greedy, walk([9], rows)))
  assert.equal([verdict.token, logprobs![0].token], [0, 0])
  assert.is(logprobs![0].top[0].token, 1, 'the likeliest is the banned one')
  assert.is(logprobs![0].top[0].logprob, plain[0].logprob)
  assert.ok(Math.abs(logprobs![0].logprob - (0 - Math.log(3 + Math.exp(2)))) < 1e-6)
})

test('rows that take long are made ready once each, with turns for others between, for the same verdict', () => {
  const made: string[] = []
  const path: number[] = []
  const slow = {
    push: (token: number) => void path.push(token),
    pop: () => void path.pop(),
    apply: (row: Float32Array) => {
      made.push(path.join())
      row[3] = -Infinity
      const turns = new Turns()
      while (!turns.due);
    },
    dispose: () => undefined,
  }
  const rows = [
    [0, 3, 0, 9],
    [0, 0, 2, 9],
    [1, 0, 0, 9],
  ]
  const work = sequence({ logprobs: 0 }, slow).verify(greedy, walk([9, 1, 2], rows))
  assert.equal(
    [work.next(), work.next()],
    [
      { done: false, value: null },
      { done: false, value: null },
    ],
  )
  const { verdict, logprobs } = atOnce(work)
  assert.equal([[...verdict.path], verdict.token, logprobs!.length], [[1, 2], 0, 3])
  assert.equal(made, ['', '1', '1,2'])
})

test('masks that leave no token are an error that names them, and copies of rows are given back', () => {
  const dead = sequence({ allowedTokens: [1, 2], bannedTokens: [0], logprobs: 0 })
  const given = walk([9], [[0, -Infinity, -Infinity, 0]])
  const bytes = core.alloc(16)
  core.free(bytes)
  assert.throws(
    () => atOnce(dead.verify(greedy, given)),
    (error: Error) =>
      error instanceof InvalidArgumentError &&
      error.param === 'allowedTokens' &&
      error.message.startsWith('allowedTokens and bannedTokens leave no token to choose'),
  )
  assert.is(core.alloc(16), bytes)
})

test.run()
