// @process own
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { openEngine } from '../../src/open/open-engine.js'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { microWithTemplate } from '../support/micro-template.js'

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

test.run()
