import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../../src/spec/errors.js'
import { readTokenizerFiles } from '../../../src/text/hugging-face/tokenizer-files.js'
import { tempFolder } from '../../support/temp-folder.js'

const TEKKEN = {
  config: { pattern: '.', default_vocab_size: 21, default_num_special_tokens: 20 },
  vocab: [{ rank: 0, token_bytes: 'YQ==' }],
}

/** Reads a folder with these files. */
function found(files: Record<string, object | string>): ReturnType<typeof readTokenizerFiles> {
  const dir = tempFolder()
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content))
  return readTokenizerFiles(dir)
}

const refusal = (files: Record<string, object | string>): Promise<unknown> =>
  found(files).then(
    () => null,
    (error: unknown) => error,
  )

test('tokenizer.json goes before the others', async () => {
  const { path, tokenizer } = await found({ 'tokenizer.json': { model: 1 }, 'tekken.json': TEKKEN })
  assert.ok(path.endsWith('tokenizer.json'))
  assert.equal(tokenizer, { model: 1 })
})

test('tekken.json stands for it, and the configuration of the folder for what that says of roles', async () => {
  const { path, config } = await found({ 'tekken.json': TEKKEN, 'tokenizer_config.json': { add_bos_token: false } })
  assert.ok(path.endsWith('tekken.json'))
  assert.equal([config.bos_token, config.add_bos_token], ['<s>', false])
})

test("a table of tiktoken's stands for it, whichever of its names it has", async () => {
  for (const name of ['tokenizer.model', 'tiktoken.model']) {
    const { path } = await found({ [name]: 'YQ== 0\n', 'tokenizer_config.json': { added_tokens_decoder: {} } })
    assert.ok(path.endsWith(name))
  }
})

test('a SentencePiece model alone, and a folder without any, are refused with what would do', async () => {
  const piece = await refusal({ 'tokenizer.model': '\n\u000e\n\u0005<unk>' })
  assert.ok(piece instanceof ModelError && /is a SentencePiece model.*save_pretrained/.test(piece.message))
  const none = await refusal({})
  assert.ok(none instanceof ModelError && /tokenizer.json is missing/.test(none.message))
})

test.run()
