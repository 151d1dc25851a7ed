/** Prompts, short and long: the same tokens and the same errors, wherever they are encoded. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { GenerateRequest } from '../../src/api/types.js'
import { NumberText } from '../../src/common/json/index.js'
import { PromptEncoder, SHORT_CHARACTERS } from '../../src/engine/prompt-encoder.js'
import { encodePrompt } from '../../src/engine/prompt-tokens.js'
import { checkTools } from '../../src/engine/check-tools.js'
import { openText } from '../../src/text/open-text.js'
import { Desk, errorOf } from '../support/desk.js'
import { textSource } from '../support/text-source.js'

const source = textSource()
const opened = await openText(source)
const text = { ...opened, speaking: opened.tokenizer, bosToken: null, source, stopTokens: [] }
const info = { ...new Desk().parts.info, vocabSize: 256, maxContext: 50_000, maxRequests: 3 }
const LONG = 'naïve 漢字 🙂 <|im_end|>\n'.repeat(SHORT_CHARACTERS / 8)

const encoder = new PromptEncoder(text, info)
test.after(() => encoder.close())

test('a short prompt is encoded at once, and a long one later', async () => {
  assert.equal(encoder.encode({ prompt: 'ab' }, null), encodePrompt(text, info, { prompt: 'ab' }))
  assert.equal(encoder.encode({ promptTokens: [7] }, null), [7])
  assert.instance(encoder.encode({ prompt: 'a'.repeat(SHORT_CHARACTERS) }, null), Array)
  const later = encoder.encode({ prompt: 'a'.repeat(SHORT_CHARACTERS + 1) }, null)
  assert.instance(later, Promise)
  assert.is((await later).length, SHORT_CHARACTERS + 1)
})

test('prompts, turns and tools have the tokens that they have at once, in the order they came', async () => {
  const parameters = { type: 'object', properties: { 9: { const: new NumberText('3791411052119578828') }, 1: {} } }
  const requests: GenerateRequest[] = [
    { prompt: LONG },
    { messages: [{ role: 'user', content: `${LONG}\ud83d` }] },
    { messages: [{ role: 'user', content: LONG }], tools: [{ name: 'f', parameters }] },
  ]
  const order: number[] = []
  await Promise.all(
    requests.map(async (request, i) => {
      const tools = checkTools(request)
      const tokens = await encoder.encode(request, tools)
      order.push(i)
      assert.equal(tokens, encodePrompt(text, info, request, tools))
    }),
  )
  assert.equal(order, [0, 1, 2])
})

test('many short turns, and much told of tools, are long too', async () => {
  const turn = { role: 'user', content: 'x' }
  const turns = { messages: Array.from({ length: 1000 }, () => turn) }
  const told = { messages: [turn], tools: [{ name: 'f', description: LONG }] }
  for (const request of [turns, told]) {
    const encoded = encoder.encode(request, checkTools(request))
    assert.instance(encoded, Promise)
    await encoded
  }
})

test('an error is the same in the thread: its class, its field, its words', async () => {
  for (const role of ['nobody', 'user']) {
    const request = { messages: [{ role, content: role === 'user' ? 'x'.repeat(60_000) : LONG }] }
    const here = await errorOf(() => encodePrompt(text, info, request, null, info.maxContext))
    const there = await errorOf(() => encoder.encode(request, null))
    assert.is(there.constructor, here.constructor)
    assert.equal([there.message, there.code, there.param], [here.message, here.code, here.param])
  }
})

test('more than may wait are refused; closing ends those that do', async () => {
  const waiting = [1, 2, 3].map(() => errorOf(async () => encoder.encode({ prompt: LONG }, null)))
  assert.is((await errorOf(() => encoder.encode({ prompt: LONG }, null))).code, 'overloaded')
  await encoder.close()
  for (const error of await Promise.all(waiting)) assert.is(error.code, 'closed')
})

test.run()
