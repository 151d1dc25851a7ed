// @process own
/** What public reports about servers of this kind came to: one request for each, the micro pair decoding. */
import express from 'express'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sequoia } from '../../adapters/express/index.js'
import type { Engine } from '../../src/api/types.js'
import { closeEngines, engineFor } from '../support/engines.js'
import { listen, type Listening } from '../support/http-app.js'

const reported = suite('what clients run into')
let engine: Engine
let listening: Listening
reported.before(async () => {
  engine = await engineFor({ target: 'micro', toolPrompt: 'generic' })
  listening = await listen(express().use('/v1', sequoia({ engine })))
})
reported.after(async () => {
  await listening.close()
  await closeEngines()
})

// oxlint-disable-next-line typescript/no-explicit-any -- answers of any endpoint
type Answer = { status: number; text: string; body: any }

/** `body`: JSON text, or what is written as such with the usual fields. */
async function ask(path: string, body: string | object): Promise<Answer> {
  const reply = await fetch(`${listening.url}/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify({ model: 'micro', temperature: 0, ...body }),
  })
  const text = await reply.text()
  return { status: reply.status, text, body: text.startsWith('{') ? JSON.parse(text) : null }
}
const go = [{ role: 'user', content: 'Go' }]
const chat = (fields: object): Promise<Answer> => ask('chat/completions', { messages: go, max_tokens: 4, ...fields })
const complete = (fields: object): Promise<Answer> => ask('completions', fields)
/** The chat request with these fields added as text. */
const chatText = (fields: string): Promise<Answer> =>
  ask(
    'chat/completions',
    `{"model":"micro","max_tokens":60,"temperature":0,"messages":${JSON.stringify(go)},${fields}}`,
  )

function assertRefused({ status, body, text }: Answer, param: string, says?: RegExp): void {
  assert.equal([status, body?.error.param], [400, param], text.slice(0, 300))
  assert.ok(body.error.message.length < 500)
  // Names of the engine are for its own callers.
  assert.not.match(body.error.message.replace(/"(?:[^"\\]|\\.)*"/g, ''), /\b(?!maxNodes)[a-z]+[A-Z]/)
  if (says) assert.match(body.error.message, says)
}

reported('twenty likeliest tokens are twenty entries, the chosen one among them with its own value', async () => {
  const { body } = await complete({ prompt: 'Smileys: 😀 😃 😄', max_tokens: 4, logprobs: 20, ignore_eos: true })
  const { tokens, token_logprobs: values, top_logprobs: tops } = body.choices[0].logprobs
  assert.is(tokens.length, 4)
  tokens.forEach((name: string, i: number) => {
    assert.ok(Object.keys(tops[i]).length >= 20)
    assert.is(tops[i][name], values[i])
  })
})

reported('a stop text that is complete after the least length ends the answer where it began', async () => {
  const { body } = await chat({
    max_tokens: 60,
    min_tokens: 6,
    response_format: { type: 'choice', choices: ['UNO DUE TRE'] },
    stop: ['DUE'],
  })
  assert.equal([body.choices[0].message.content, body.choices[0].finish_reason], ['UNO ', 'stop'])
})

reported('tokens without text move no offset', async () => {
  const { body } = await complete({
    prompt: 'Hi',
    max_tokens: 3,
    logit_bias: { 1: 100 },
    logprobs: 0,
    ignore_eos: true,
  })
  assert.equal([body.choices[0].text, body.choices[0].logprobs.text_offset], ['', [0, 0, 0]])
})

reported('an echoed prompt and its answer are one text, cut where it may be', async () => {
  const { body } = await complete({ prompt: [67, 175, 256, 249], echo: true, max_tokens: 1, allowed_token_ids: [225] })
  assert.is(body.choices[0].text, 'a😀')
})

reported('an error says the names that the request used', async () => {
  assertRefused(await chat({ max_tokens: undefined, max_completion_tokens: 2 ** 31 }), 'max_completion_tokens')
  assertRefused(await chat({ max_tokens: 2 ** 31 }), 'max_tokens', /^max_tokens must/)
  assertRefused(await ask('responses', { input: 'x', max_output_tokens: 2 ** 31 }), 'max_output_tokens')
  assertRefused(await chat({ tool_choice: 'required' }), 'tool_choice', /^tool_choice/)
  const broken = { id: 'c', type: 'function', function: { name: 'f', arguments: '{' } }
  const messages = [...go, { role: 'assistant', content: null, tool_calls: [broken] }]
  assertRefused(await chat({ messages }), 'messages[1].tool_calls[0].function.arguments')
  assertRefused(await chat({ ignore_eos: true, response_format: { type: 'json_object' } }), 'ignore_eos')
  assertRefused(await chat({ banned_token_ids: [999_999] }), 'banned_token_ids', /^banned_token_ids/)
  assertRefused(await chat({ logit_bias: { x: 1 } }), 'logit_bias')
  assertRefused(await chat({ min_tokens: 5 }), 'min_tokens')
  assertRefused(await chat({ speculation: { draft: 'none such' } }), 'speculation.draft')
  assertRefused(await ask('completions', { prompt: [999_999] }), 'prompt')
})

reported('what clients write out as null is left out, and what they send back is taken', async () => {
  const call = {
    index: null,
    id: 'c',
    type: 'function',
    function: { name: 'f', arguments: ' ', parsed_arguments: null },
  }
  const answers = [
    await chat({
      tools: null,
      messages: [
        { role: 'user', content: 'x', name: null },
        {
          role: 'assistant',
          content: null,
          refusal: null,
          annotations: null,
          audio: null,
          function_call: null,
          parsed: { x: null },
          tool_calls: [call],
        },
        { role: 'tool', tool_call_id: 'c', content: 'y', name: null },
      ],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', strict: null, description: null, schema: { const: null } },
      },
    }),
    await ask('responses', {
      max_output_tokens: 4,
      input: [
        { role: 'assistant', content: 'x', phase: null },
        { role: 'user', content: 'x', type: null },
      ],
      reasoning: { effort: null },
      text: { format: null, verbosity: null },
    }),
  ]
  for (const { status, text } of answers) assert.is(status, 200, text)
  assert.is(answers[0].body.choices[0].message.content, 'null')
})

reported("members come in the schema's order, names that are numbers too", async () => {
  const format = (schema: string): string =>
    `"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":${schema}}}`
  const required = '"required":["b","1"],"additionalProperties":false'
  const object = await chatText(format(`{"type":"object","properties":{"b":{"const":0},"1":{"const":1}},${required}}`))
  assert.equal(object.body.choices[0].message.content.match(/"\w+"/g), ['"b"', '"1"'])
})

reported('a number of a schema is kept digit for digit', async () => {
  const schema = '{"const":3791411052119578828}'
  const { body } = await chatText(`"response_format":{"type":"json_schema","json_schema":{"schema":${schema}}}`)
  assert.is(body.choices[0].message.content, '3791411052119578828')
})

reported('numbers that no double holds are quoted as they came', async () => {
  assertRefused(await chatText('"top_p":1e400'), 'top_p', /got 1e400$/)
  assertRefused(await chatText('"seed":12345678901234567890'), 'seed', /got 12345678901234567890$/)
  assertRefused(await chatText('"n":1e400'), 'n', /got 1e400$/)
})

reported('the name of the prototype is no key', async () => {
  assertRefused(await chatText('"logit_bias":{"__proto__":500}'), 'logit_bias')
  assertRefused(await chatText('"stream_options":{"__proto__":{}}'), 'stream_options.__proto__')
  assertRefused(await chatText('"chat_template_kwargs":{"__proto__":true}'), 'chat_template_kwargs.__proto__')
})

reported('depth is refused before anything recurses', async () => {
  const deep = '['.repeat(5000) + ']'.repeat(5000)
  assertRefused(await chatText(`"temperature":${deep}`), 'temperature')
  assertRefused(await chatText(`"tools":${deep}`), 'tools')
  assertRefused(await chatText(`"metadata":{"a":${deep}}`), 'metadata')
  const schema = '{"items":'.repeat(5000) + 'true' + '}'.repeat(5000)
  assertRefused(
    await chatText(`"response_format":{"type":"json_schema","json_schema":{"schema":${schema}}}`),
    'response_format',
  )
})

reported('a grammar that cannot be read is refused, streamed or not', async () => {
  const chained = Array.from({ length: 2000 }, (_, i) => `r${i} ::= "a" r${i + 1}`)
  const forms = [
    { type: 'regex', pattern: '('.repeat(2300) + 'a' + ')'.repeat(2300) },
    { type: 'grammar', grammar: 'this is no grammar' },
    { type: 'grammar', grammar: ['root ::= r0', ...chained].join('\n') },
  ]
  for (const response_format of forms)
    for (const stream of [true, false]) {
      const answer = await chat({ response_format, stream })
      assertRefused(answer, 'response_format')
    }
})

reported('two thousand rules that lead to each other are followed', async () => {
  const chained = Array.from({ length: 2000 }, (_, i) => `r${i} ::= "a" r${i + 1}`)
  const grammar = ['root ::= r0', ...chained, 'r2000 ::= "b"'].join('\n')
  const { status, body, text } = await chat({ response_format: { type: 'grammar', grammar } })
  assert.is(status, 200, text)
  assert.match(body.choices[0].message.content, /^a+$/)
})

reported('a prompt too long by its bytes is refused before it is tokenized', async () => {
  const blanks = ' '.repeat(1e6)
  for (const answer of [
    await chat({ messages: [{ role: 'user', content: `x${blanks}x` }] }),
    await complete({ prompt: blanks }),
    await ask('responses', { input: `x${blanks}x` }),
  ])
    assert.equal([answer.status, answer.body.error.code], [400, 'context_length_exceeded'])
})

reported('lists as long as the vocabulary are read in one go, and never repeated', async () => {
  const all = Array.from({ length: engine.info.vocabSize }, (_, i) => i)
  assertRefused(await chat({ allowed_token_ids: all, banned_token_ids: all }), 'allowed_token_ids')
  assert.is((await chat({ allowed_token_ids: all, banned_token_ids: all.slice(1) })).status, 200)
})

reported('more answers than the server can ever hold are refused, and sixteen are no leak', async () => {
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  assert.is((await chat({ n: 16, max_tokens: 1 })).status, 200)
  await new Promise(setImmediate)
  process.off('warning', note)
  assert.equal(warnings, [])
})

reported('values that would make logits infinite are refused or sane', async () => {
  assertRefused(await chat({ repetition_penalty: 1e-40 }), 'repetition_penalty')
  for (const fields of [
    { temperature: 1e-40 },
    { temperature: 5e-324 },
    { top_p: 5e-324 },
    { min_p: 5e-324 },
    { repetition_penalty: 0.01 },
  ])
    assert.is((await chat({ seed: 1, ...fields })).status, 200, JSON.stringify(fields))
})

reported.run()
