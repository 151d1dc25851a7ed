import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkControls } from '../../src/sampling/controls.js'
import type { SamplingFields } from '../../src/sampling/sampling-fields.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'

const MAX_TOKENS = 10
const VOCAB = 100

test('a request that says nothing changes nothing', () => {
  assert.equal(checkControls({}, MAX_TOKENS, VOCAB), {
    repetitionPenalty: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
    logitBias: [],
    bannedTokens: [],
    allowedTokens: null,
    minTokens: 0,
    ignoreEos: false,
    stopTokenIds: [],
    logprobs: null,
    grammar: null,
  })
})

test('the ends of each range are within it', () => {
  const fields: SamplingFields = {
    repetitionPenalty: 0.01,
    presencePenalty: -2,
    frequencyPenalty: 2,
    logitBias: { 0: -100, 99: 100 },
    minTokens: MAX_TOKENS,
    logprobs: 20,
    stopTokenIds: Array.from({ length: 64 }, (_, token) => token),
  }
  const controls = checkControls(fields, MAX_TOKENS, VOCAB)
  assert.equal(controls.logitBias, [
    [0, -100],
    [99, 100],
  ])
  assert.is(controls.stopTokenIds.length, 64)
})

test('a token named twice is one token, 64 stop tokens then too', () => {
  const twice = Array.from({ length: 128 }, (_, i) => i % 64)
  assert.is(checkControls({ stopTokenIds: twice }, MAX_TOKENS, VOCAB).stopTokenIds.length, 64)
  assert.equal(checkControls({ bannedTokens: [5, 5] }, MAX_TOKENS, VOCAB).bannedTokens, [5])
})

const refused: [SamplingFields, param: string][] = [
  [{ repetitionPenalty: 0.009 }, 'repetitionPenalty'],
  [{ repetitionPenalty: 101 }, 'repetitionPenalty'],
  [{ presencePenalty: 2.1 }, 'presencePenalty'],
  [{ frequencyPenalty: Number.NaN }, 'frequencyPenalty'],
  [{ logitBias: { 100: 1 } }, 'logitBias'],
  [JSON.parse('{ "logitBias": { "-1": 1 } }'), 'logitBias'],
  [{ logitBias: { 7: 101 } }, 'logitBias.7'],
  [JSON.parse('{ "logitBias": [1] }'), 'logitBias'],
  [{ bannedTokens: [1.5] }, 'bannedTokens'],
  [JSON.parse('{ "allowedTokens": "7" }'), 'allowedTokens'],
  [{ minTokens: MAX_TOKENS + 1 }, 'minTokens'],
  [{ logprobs: 21 }, 'logprobs'],
  [{ stopTokenIds: Array.from({ length: 65 }, (_, token) => token) }, 'stopTokenIds'],
  [{ allowedTokens: [] }, 'allowedTokens'],
  [{ allowedTokens: [3], bannedTokens: [3, 4] }, 'allowedTokens'],
  [{ responseFormat: { type: 'json_object' }, ignoreEos: true }, 'ignoreEos'],
]
for (const [fields, param] of refused)
  test(`${JSON.stringify(fields).slice(0, 60)} is refused by the name of ${param}`, () => {
    assert.throws(
      () => checkControls(fields, MAX_TOKENS, VOCAB),
      (error: Error) => error instanceof InvalidArgumentError && error.param === param && error.message.includes(param),
    )
  })

test('no more log probabilities are asked for than there are tokens', () => {
  assert.is(checkControls({ logprobs: 3 }, MAX_TOKENS, 3).logprobs, 3)
  assert.throws(() => checkControls({ logprobs: 4 }, MAX_TOKENS, 3), /from 0 to 3/)
})

test('a response format is the grammar of the field that asked for it', () => {
  const { grammar } = checkControls({ responseFormat: { type: 'json_object' } }, MAX_TOKENS, VOCAB)
  assert.is(grammar?.param, 'responseFormat')
  assert.is(checkControls({ responseFormat: { type: 'text' } }, MAX_TOKENS, VOCAB).grammar, null)
})

test.run()
