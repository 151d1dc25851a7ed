/** The program of the thread that encodes long prompts, by its messages. */
import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startThread } from '../../src/common/start-thread.js'
import type { PromptAnswer, PromptQuestion, PromptWorkerData } from '../../src/engine/prompt-worker.js'
import { openText } from '../../src/text/open-text.js'
import { textSource } from '../support/text-source.js'

test('prompts are answered in the order they came, each under its number, and a bad one harms no other', async () => {
  const source = textSource()
  const workerData: PromptWorkerData = { source, bosToken: null, info: { model: 'tiny', vocabSize: 256 } }
  const worker = startThread(import.meta.url, '../../src/engine/prompt-worker', { workerData })
  try {
    const answers: PromptAnswer[] = []
    worker.on('message', (answer: PromptAnswer) => answers.push(answer))
    const asked: Pick<PromptQuestion, 'request' | 'mostTokens'>[] = [
      { request: { prompt: 'ab' }, mostTokens: 8 },
      { request: { messages: [{ role: 'user', content: 'much too long' }] }, mostTokens: 2 },
      { request: { messages: [{ role: 'user', content: 'Hi' }] }, mostTokens: 50 },
    ]
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    asked.forEach((question, i) => worker.postMessage({ id: 7 + i, shown: null, ...question }))
    while (answers.length < asked.length) await once(worker, 'message')
    assert.equal(
      answers.map(({ id }) => id),
      [7, 8, 9],
    )
    const { tokenizer } = await openText(source)
    const [first, second, third] = answers
    assert.equal('tokens' in first && first.tokens, tokenizer.encode('ab'))
    assert.ok('error' in second)
    assert.is('tokens' in third && tokenizer.decode(third.tokens), 'user:Hi;')
  } finally {
    await worker.terminate()
  }
})

test.run()
