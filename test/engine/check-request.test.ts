import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { verifiers } from '../../plugins/verifiers/index.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { checkRequest } from '../../src/engine/check-request.js'
import type { GenerateRequest } from '../../src/api/types.js'

const LIMITS = { maxNodes: 64, vocabSize: 100, verifiers, defaults: {} }

function refused(request: Record<string, unknown>): string {
  try {
    checkRequest(request as GenerateRequest, LIMITS)
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    return (error as InvalidArgumentError).param
  }
  return 'accepted'
}

test('every bad field is refused by its name', () => {
  const prompt = 'x'
  const cases: [string, Record<string, unknown>][] = [
    ['colour', { prompt, colour: 1 }],
    ['prompt', {}],
    ['prompt', { prompt, messages: [] }],
    ['maxTokens', { prompt, maxTokens: 0 }],
    ['maxTokens', { prompt, maxTokens: 1.5 }],
    ['temperature', { prompt, temperature: -1 }],
    ['temperature', { prompt, temperature: NaN }],
    ['topK', { prompt, topK: -1 }],
    ['topP', { prompt, topP: 0 }],
    ['topP', { prompt, topP: 1.1 }],
    ['minP', { prompt, minP: 2 }],
    ['seed', { prompt, seed: 1.5 }],
    ['seed', { prompt, seed: 1n << 64n }],
    ['stop', { prompt, stop: [''] }],
    ['stop', { prompt, stop: 'END' }],
    ['verifier', { prompt, verifier: 'magic' }],
    ['repetitionPenalty', { prompt, repetitionPenalty: 0 }],
    ['presencePenalty', { prompt, presencePenalty: 3 }],
    ['frequencyPenalty', { prompt, frequencyPenalty: '1' }],
    ['logitBias', { prompt, logitBias: [1] }],
    ['logitBias', { prompt, logitBias: { 100: 1 } }],
    ['logitBias', { prompt, logitBias: { hello: 1 } }],
    ['logitBias.5', { prompt, logitBias: { 5: 101 } }],
    ['bannedTokens', { prompt, bannedTokens: [-1] }],
    ['allowedTokens', { prompt, allowedTokens: [] }],
    ['allowedTokens', { prompt, allowedTokens: [1, 2], bannedTokens: [2, 1] }],
    ['minTokens', { prompt, minTokens: 11, maxTokens: 10 }],
    ['ignoreEos', { prompt, ignoreEos: 1 }],
    ['stopTokenIds', { prompt, stopTokenIds: [1.5] }],
    ['stopTokenIds', { prompt, stopTokenIds: Array.from({ length: 65 }, (_, i) => i) }],
    ['logprobs', { prompt, logprobs: 21 }],
    ['choice', { prompt, choice: -1 }],
    ['echo', { prompt, echo: 'yes' }],
    ['echo', { messages: [], echo: true }],
    ['tree', { prompt, tree: [] }],
    ['tree', { prompt, tree: [-1, 1] }],
    ['tree', { prompt, tree: Array.from({ length: 65 }, (_, i) => i - 1) }],
  ]
  for (const [param, request] of cases)
    assert.is(
      refused(request),
      param,
      JSON.stringify(request, (_, v) => (typeof v === 'bigint' ? `${v}` : v)),
    )
})

test('a seed with the sequoia verifier is refused: only coupling keeps what a seed promises', () => {
  assert.is(refused({ prompt: 'x', seed: 1, verifier: 'sequoia' }), 'verifier')
})

test('a pinned tree is brought into level order with its siblings in order', () => {
  const { shape } = checkRequest({ prompt: 'x', tree: [-1, 0, 1, 0, 2, 3] }, LIMITS)
  assert.equal(Array.from(shape!.parents), [-1, 0, 0, 1, 2, 3])
})

test('two requests without a seed do not share their noise', () => {
  assert.is.not(checkRequest({ prompt: 'x' }, LIMITS).key.seed, checkRequest({ prompt: 'x' }, LIMITS).key.seed)
})

test("a model's defaults hold where the request says nothing, and only there", () => {
  const limits = { ...LIMITS, defaults: { temperature: 0.7, topP: 0.8, topK: 20, repetitionPenalty: 1.1 } }
  const { sampling, controls } = checkRequest({ prompt: 'x', topK: 0, topP: undefined }, limits)
  assert.equal(sampling, { temperature: 0.7, topP: 0.8, topK: 0, minP: 0 })
  assert.is(controls.repetitionPenalty, 1.1)
  assert.is(checkRequest({ prompt: 'x', temperature: 0 }, limits).sampling.temperature, 0)
})

test.run()
