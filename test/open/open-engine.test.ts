// @process native
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SHAPES } from '../../bench/formats/shapes.js'
import { writeBlocks } from '../../bench/offload/write-gguf.js'
import { openEngine } from '../../src/open/open-engine.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { collect, TREES } from '../support/equality.js'
import { microWithTemplate } from '../support/micro-template.js'
import { tempFolder } from '../support/temp-folder.js'

test('a model whose chat template cannot be read takes raw prompts, and says why it takes no messages', async () => {
  const engine = await openEngine({ target: microWithTemplate('{% for %}'), draft: 'none', format: 'w8a8' })
  try {
    let text = ''
    for await (const part of engine.generate({ prompt: 'Once', maxTokens: 4, seed: 1 })) text += part.text
    assert.ok(text.length > 0)
    const chat = async (): Promise<void> => {
      for await (const _ of engine.generate({ messages: [{ role: 'user', content: 'x' }], maxTokens: 1 })) break
    }
    const refused: unknown = await chat().catch((error: unknown) => error)
    assert.instance(refused, InvalidArgumentError)
    assert.match(String(refused), /chat template cannot be read \(line 1/)
  } finally {
    await engine.close()
  }
})

test('a pulled model with the same tokens and few weights drafts where nothing ships; texts are plain', async () => {
  const [cacheDir, target] = [tempFolder(), join(tempFolder(), 'large.gguf')]
  mkdirSync(join(cacheDir, 'sources'))
  const small = { ...SHAPES.tiny, vocab: 300, hidden: 64, inner: 64, heads: 1, kvHeads: 1, layers: 1 }
  await writeBlocks(join(cacheDir, 'sources', 'small.gguf'), small, 'Q4_0')
  await writeBlocks(target, { ...small, hidden: 128, inner: 128, heads: 2, layers: 3 }, 'Q4_0')
  const engine = await openEngine({ target, cacheDir, format: 'w8a8', maxContext: 64 })
  try {
    assert.equal(engine.info.drafts, ['ngram', 'model', 'merged'])
    assert.match(engine.info.draft, /\+ ngram$/)
    const request = { prompt: 'and the', maxTokens: 24, temperature: 0.8, seed: 3, ignoreEos: true }
    const plain = await collect(engine, { ...request, draft: 'none' })
    const drafted = await collect(engine, { ...request, draft: 'model', tree: TREES.fork })
    assert.equal(drafted.tokens, plain.tokens)
    assert.ok(drafted.stats.drafted > 0)
  } finally {
    await engine.close()
  }
})

test.run()
