import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../../src/spec/errors.js'
import { readTextSide } from '../../../src/text/hugging-face/text-side.js'
import { tempFolder } from '../../support/temp-folder.js'

const special = (id: number, content: string): object => ({ id, content, special: true })
const TOKENIZER = {
  model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
  decoder: { type: 'ByteLevel' },
  added_tokens: [special(2, '<s>'), special(3, '</s>'), special(4, '<turn>')],
}

/** Reads a folder with these files, its vocabulary of 5 tokens. */
function sideOf(files: Record<string, unknown>, config: Record<string, unknown> = {}): ReturnType<typeof readTextSide> {
  const dir = tempFolder()
  for (const [name, content] of Object.entries({ 'tokenizer.json': TOKENIZER, ...files }))
    if (content !== null)
      writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content))
  return readTextSide(dir, config, 5)
}

test('stop tokens are those that any file states, and those spelled like an end', async () => {
  assert.equal((await sideOf({})).stopTokens, [3])
  assert.equal((await sideOf({ 'generation_config.json': { eos_token_id: [4, 1] } })).stopTokens, [1, 3, 4])
  assert.equal((await sideOf({}, { eos_token_id: 1 })).stopTokens, [1, 3])
  assert.equal((await sideOf({ 'tokenizer_config.json': { eos_token: { content: '<turn>' } } })).stopTokens, [3, 4])
})

test("generation's stop tokens stand for those of the configuration", async () => {
  const side = await sideOf({ 'generation_config.json': { eos_token_id: 4 } }, { eos_token_id: 1 })
  assert.equal(side.stopTokens, [3, 4])
})

test('the token that begins a text is said by a switch, or else by the post-processor', async () => {
  const single = [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }]
  const processor = { type: 'Sequence', processors: [{ type: 'ByteLevel' }, { type: 'TemplateProcessing', single }] }
  const file = { ...TOKENIZER, post_processor: processor }
  const bos = async (tokenizer: object, config: object): Promise<number | null> =>
    (await sideOf({ 'tokenizer.json': tokenizer, 'tokenizer_config.json': config })).bosToken
  assert.is(await bos(TOKENIZER, { bos_token: '<turn>' }), null)
  assert.is(await bos(file, { bos_token: '<turn>' }), 2)
  assert.is(await bos(file, { bos_token: '<turn>', add_bos_token: true }), 4)
  assert.is(await bos(file, { bos_token: '<turn>', add_bos_token: false }), null)
  const ending = { type: 'TemplateProcessing', single: [...single].reverse() }
  assert.is(await bos({ ...TOKENIZER, post_processor: ending }, {}), null)
})

test("the chat template is a file of its own, else the configuration's one or the one named default", async () => {
  const template = async (files: Record<string, unknown>): Promise<string | null> => (await sideOf(files)).chatTemplate
  const config = (chat_template: unknown): object => ({ 'tokenizer_config.json': { chat_template } })
  assert.is(await template({ 'chat_template.jinja': 'own', ...config('stated') }), 'own')
  assert.is(await template({ ...config('stated') }), 'stated')
  const named = [
    { name: 'tool_use', template: 'tools' },
    { name: 'default', template: 'plain' },
  ]
  assert.is(await template({ ...config(named) }), 'plain')
  assert.is(await template({ ...config(named.slice(0, 1)) }), null)
  assert.is(await template({}), null)
})

test('a missing tokenizer, and tokens beyond the vocabulary, are refused with the file', async () => {
  const refusal = async (files: Record<string, unknown>): Promise<ModelError> => {
    const error = await sideOf(files).catch((cause: unknown) => cause)
    assert.instance(error, ModelError)
    return error as ModelError
  }
  assert.is((await refusal({ 'tokenizer.json': null })).code, 'model_not_found')
  const beyond = await refusal({ 'tokenizer.json': { ...TOKENIZER, added_tokens: [special(5, '<x>')] } })
  assert.match(beyond.message, /has token 5 \("<x>"\); the model's vocabulary ends at 4/)
})

test.run()
