// @process own
/**
 * The sampling fields of both endpoints through the official client and Express, the micro pair decoding behind them.
 */
import OpenAI, { APIError } from 'openai'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import express from 'express'
import { sequoia } from '../../../adapters/express/index.js'
import type { Engine, GenerateRequest } from '../../../src/api/types.js'
import { closeEngines, engineFor } from '../../support/engines.js'
import { collect } from '../../support/equality.js'
import { listen, type Listening } from '../../support/http-app.js'

const fields = suite('sampling fields over HTTP')
let engine: Engine
let listening: Listening
let openai: OpenAI

fields.before(async () => {
  engine = await engineFor({ target: 'micro', maxContext: 256 })
  listening = await listen(express().use('/v1', sequoia({ engine })))
  openai = new OpenAI({ baseURL: `${listening.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
fields.after(async () => {
  await listening.close()
  await closeEngines()
})

const prompt = 'Install with npm. Install with npm. Install with'
const completion = { model: 'micro', prompt, max_tokens: 24, seed: 7, temperature: 0.8 }
const chat = {
  model: 'micro',
  messages: [{ role: 'user' as const, content: 'Add two numbers.' }],
  max_tokens: 16,
  seed: 7,
}

fields('each field does over HTTP what it does in the engine, on a tree and without', async () => {
  const plain: GenerateRequest = { prompt, maxTokens: 24, seed: 7, temperature: 0.8, draft: 'none' }
  const { tokens } = await collect(engine, plain)
  const [first, second] = tokens
  const cases: [object, Partial<GenerateRequest>][] = [
    [{ presence_penalty: 1.5 }, { presencePenalty: 1.5 }],
    [{ frequency_penalty: 1.5 }, { frequencyPenalty: 1.5 }],
    [{ repetition_penalty: 1.6 }, { repetitionPenalty: 1.6 }],
    [{ logit_bias: { [first]: -100 } }, { logitBias: { [first]: -100 } }],
    [{ banned_token_ids: [first, second] }, { bannedTokens: [first, second] }],
    [{ allowed_token_ids: [first, second] }, { allowedTokens: [first, second] }],
    [{ stop_token_ids: [tokens[4]] }, { stopTokenIds: [tokens[4]] }],
    [
      { stop_token_ids: [tokens[4]], min_tokens: 20 },
      { stopTokenIds: [tokens[4]], minTokens: 20 },
    ],
    [{ ignore_eos: true }, { ignoreEos: true }],
  ]
  const texts = new Set<string>()
  for (const [wire, fields] of cases) {
    const expected = await collect(engine, { ...plain, ...fields })
    const answer = await openai.completions.create({ ...completion, ...wire })
    assert.is(answer.choices[0].text, expected.text, JSON.stringify(wire))
    texts.add(expected.text)
  }
  assert.ok(texts.size >= 7, 'the fields must have changed the text')
})

fields('several choices differ, are each what the engine says for that choice, and stream the same', async () => {
  const answer = await openai.chat.completions.create({ ...chat, n: 3 })
  assert.equal(
    answer.choices.map(({ index }) => index),
    [0, 1, 2],
  )
  const texts = answer.choices.map(({ message }) => message.content)
  assert.is(new Set(texts).size, 3)
  let generated = 0
  for (const [choice, text] of texts.entries()) {
    const said = await collect(engine, { messages: chat.messages, maxTokens: 16, temperature: 1, seed: 7, choice })
    assert.is(text, said.text)
    generated += said.stats.tokens
  }
  assert.is(answer.usage?.completion_tokens, generated)

  const streamed = ['', '', '']
  const ends = [0, 0, 0]
  let usages = 0
  for await (const { choices, usage } of await openai.chat.completions.create({
    ...chat,
    n: 3,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    for (const { index, delta, finish_reason } of choices) {
      assert.is(ends[index], 0)
      streamed[index] += delta.content ?? ''
      if (finish_reason) ends[index] += 1
    }
    if (usage) {
      usages += 1
      assert.is(usage.completion_tokens, generated)
    }
  }
  assert.equal(streamed, texts)
  assert.equal([...ends, usages], [1, 1, 1, 1])
})

fields('chat log probabilities spell the answer, whole and streamed', async () => {
  const ask = { ...chat, logprobs: true, top_logprobs: 2 }
  const {
    choices: [choice],
  } = await openai.chat.completions.create(ask)
  const content = choice.logprobs!.content!
  assert.is(Buffer.from(content.flatMap(({ bytes }) => bytes!)).toString(), choice.message.content)
  assert.ok(
    content.every(
      ({ logprob, top_logprobs }) => logprob <= 0 && top_logprobs.length === 2 && top_logprobs[0].logprob >= logprob,
    ),
  )
  const streamed: typeof content = []
  for await (const { choices } of await openai.chat.completions.create({ ...ask, stream: true }))
    streamed.push(...(choices[0]?.logprobs?.content ?? []))
  assert.equal(streamed, content)
})

fields('completion log probabilities come with offsets into the text, whole and streamed', async () => {
  const {
    choices: [choice],
  } = await openai.completions.create({ ...completion, logprobs: 3 })
  const { tokens, text_offset, token_logprobs, top_logprobs } = choice.logprobs!
  const characters = [...choice.text]
  tokens!.forEach((token, i) => {
    const rest = characters.slice(text_offset![i]).join('')
    assert.ok(token.startsWith('bytes:') || rest.startsWith(token), `token ${i}`)
  })
  assert.ok(
    tokens!.length > 5 &&
      token_logprobs!.every((logprob) => logprob <= 0) &&
      top_logprobs!.every((top) => Object.keys(top).length <= 4),
  )
  const offsets: number[] = []
  for await (const { choices } of await openai.completions.create({ ...completion, logprobs: 3, stream: true }))
    offsets.push(...(choices[0]?.logprobs?.text_offset ?? []))
  assert.equal(offsets, text_offset)
})

fields('echo puts the prompt before the answer', async () => {
  const plain = await openai.completions.create(completion)
  const echoed = await openai.completions.create({ ...completion, echo: true })
  assert.is(echoed.choices[0].text, prompt + plain.choices[0].text)
  assert.is(echoed.usage!.total_tokens, plain.usage!.total_tokens)
})

fields('an answer in a JSON schema parses to it, whole and streamed; other forms and JSON mode work too', async () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string', maxLength: 8 }, ok: { type: 'boolean' } },
    required: ['name', 'ok'],
    additionalProperties: false,
  }
  const ask = {
    ...chat,
    max_tokens: 100,
    response_format: { type: 'json_schema' as const, json_schema: { name: 'thing', strict: true, schema } },
  }
  const {
    choices: [choice],
  } = await openai.chat.completions.create(ask)
  const thing = JSON.parse(choice.message.content!) as { name: string; ok: boolean }
  assert.equal([Object.keys(thing), typeof thing.name, typeof thing.ok], [['name', 'ok'], 'string', 'boolean'])
  assert.is(choice.finish_reason, 'stop')
  let streamed = ''
  for await (const { choices } of await openai.chat.completions.create({ ...ask, stream: true }))
    streamed += choices[0]?.delta.content ?? ''
  assert.is(streamed, choice.message.content)
  const regex = (await openai.completions.create({
    ...completion,
    response_format: { type: 'regex', pattern: '[0-9]{3}' },
  } as never)) as OpenAI.Completion
  assert.match(regex.choices[0].text, /^[0-9]{3}$/)
  const chosen = (await openai.chat.completions.create({
    ...chat,
    response_format: { type: 'choice', choices: ['yes', 'no'] },
  } as never)) as OpenAI.ChatCompletion
  assert.ok(['yes', 'no'].includes(chosen.choices[0].message.content!))
  const {
    choices: [object],
  } = await openai.chat.completions.create({
    ...chat,
    max_tokens: 200,
    seed: 2,
    response_format: { type: 'json_object' },
  })
  assert.match(object.message.content!, /^\{/)
})

fields('what cannot be done is a 400 that names the field', async () => {
  const vocab = engine.info.vocabSize
  const everything = Array.from({ length: vocab }, (_, token) => token)
  const cases: [object, string][] = [
    [{ presence_penalty: 2.5 }, 'presence_penalty'],
    [{ frequency_penalty: 'x' }, 'frequency_penalty'],
    [{ repetition_penalty: 0 }, 'repetition_penalty'],
    [{ logit_bias: { [vocab]: 1 } }, 'logit_bias'],
    [{ logit_bias: { 5: 101 } }, 'logit_bias.5'],
    [{ banned_token_ids: [vocab] }, 'banned_token_ids'],
    [{ banned_token_ids: everything }, 'banned_token_ids'],
    [{ allowed_token_ids: [] }, 'allowed_token_ids'],
    [{ allowed_token_ids: [5], banned_token_ids: [5] }, 'allowed_token_ids'],
    [{ min_tokens: 25 }, 'min_tokens'],
    [{ stop_token_ids: ['x'] }, 'stop_token_ids[0]'],
    [{ ignore_eos: 1 }, 'ignore_eos'],
    [{ n: 17 }, 'n'],
    [{ best_of: 2 }, 'best_of'],
    [
      {
        response_format: {
          type: 'json_schema',
          json_schema: { schema: { type: 'object', properties: { a: { type: 'integer', multipleOf: 2 } } } },
        },
      },
      'response_format',
    ],
    [{ response_format: { type: 'regex', pattern: '(' } }, 'response_format'],
    [{ response_format: { type: 'grammar', grammar: 'root ::= other' } }, 'response_format'],
    [{ response_format: { type: 'json_object' }, ignore_eos: true }, 'ignore_eos'],
    [{ logprobs: 21 }, 'logprobs'],
    [{ echo: true, logprobs: 1 }, 'echo'],
    [{ typical_p: 0.5 }, 'typical_p'],
  ]
  for (const [wire, param] of cases) {
    await refused(() => openai.completions.create({ ...completion, ...wire } as never), param)
  }
  await refused(() => openai.chat.completions.create({ ...chat, top_logprobs: 2 }), 'top_logprobs')
  assert.is(engine.usage().slotsUsed, 0)
})

async function refused(ask: () => Promise<unknown>, param: string): Promise<void> {
  try {
    await ask()
  } catch (error) {
    assert.instance(error, APIError)
    assert.equal([(error as APIError).status, (error as APIError).param], [400, param])
    return
  }
  assert.unreachable(`${param} was not refused`)
}

fields.run()
