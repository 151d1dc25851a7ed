import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chat, completion, refusal, response } from './support.js'

test('sampling fields reach the engine under its names', () => {
  const { request, n } = completion({
    n: 2,
    presence_penalty: 0.5,
    frequency_penalty: -1,
    repetition_penalty: 1.1,
    logit_bias: { 50: 1 },
    banned_token_ids: [1],
    allowed_token_ids: [2, 3],
    stop_token_ids: [4],
    min_tokens: 2,
    ignore_eos: true,
    logprobs: 3,
  })
  assert.is(n, 2)
  const {
    presencePenalty,
    frequencyPenalty,
    repetitionPenalty,
    logitBias,
    bannedTokens,
    allowedTokens,
    stopTokenIds,
    minTokens,
    ignoreEos,
    logprobs,
  } = request
  assert.equal(
    {
      presencePenalty,
      frequencyPenalty,
      repetitionPenalty,
      logitBias,
      bannedTokens,
      allowedTokens,
      stopTokenIds,
      minTokens,
      ignoreEos,
      logprobs,
    },
    {
      presencePenalty: 0.5,
      frequencyPenalty: -1,
      repetitionPenalty: 1.1,
      logitBias: { 50: 1 },
      bannedTokens: [1],
      allowedTokens: [2, 3],
      stopTokenIds: [4],
      minTokens: 2,
      ignoreEos: true,
      logprobs: 3,
    },
  )
  const schema = { type: 'object' }
  assert.equal(
    chat({ response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } } }).request
      .responseFormat,
    { type: 'json_schema', schema },
  )
  assert.equal(chat({ response_format: { type: 'regex', pattern: 'a' } }).request.responseFormat, {
    type: 'regex',
    pattern: 'a',
  })
})

test('speculation can be turned off for one request', () => {
  assert.is(chat({ speculation: { off: true } }).request.draft, 'none')
  assert.is(chat({ speculation: { off: false } }).request.draft, undefined)
  assert.is(refusal(() => chat({ speculation: { off: true, draft: 'ngram' } })).param, 'speculation')
})

test('a request bounds its trees', () => {
  assert.is(chat({ speculation: { maxNodes: 8 } }).request.maxNodes, 8)
  assert.is(refusal(() => chat({ speculation: { maxNodes: 0 } })).param, 'speculation.maxNodes')
  assert.is(refusal(() => chat({ speculation: { maxNodes: 4, tree: [-1, 0] } })).param, 'speculation')
  assert.is(refusal(() => chat({ speculation: { maxNodes: 4, off: true } })).param, 'speculation')
})

test('drafting that is turned off takes no draft, tree or bound, and a tree no bound', () => {
  const cases: [object, string][] = [
    [{ off: true, draft: 'ngram' }, 'names a draft and turns drafting off'],
    [{ off: true, tree: [-1, 0] }, 'pins a tree and turns drafting off'],
    [{ off: true, maxNodes: 4 }, 'bounds its trees and turns drafting off'],
    [{ tree: [-1, 0], maxNodes: 4 }, 'pins a tree and bounds its nodes'],
  ]
  for (const [speculation, words] of cases) assert.match(refusal(() => chat({ speculation })).message, words)
})

test('what only a stream can carry is refused without one', () => {
  assert.is(refusal(() => chat({ stream_options: { include_usage: true } })).param, 'stream_options')
  assert.is(refusal(() => completion({ speculation: { trace: true } })).param, 'speculation.trace')
  const { includeUsage, request } = chat({
    stream: true,
    stream_options: { include_usage: true },
    speculation: { trace: true },
  })
  assert.equal([includeUsage, request.trace], [true, true])
})

test('an answer has an id of its own, by which its endpoint can be told', () => {
  assert.match(chat().id, /^chatcmpl-[0-9a-f]{32}$/)
  assert.match(completion().id, /^cmpl-[0-9a-f]{32}$/)
  assert.match(response().id, /^resp_[0-9a-f]{32}$/)
  assert.is.not(chat().id, chat().id)
})

test.run()
