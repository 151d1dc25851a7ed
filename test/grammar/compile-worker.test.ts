/** The program of the compiling thread, by its messages. */
import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startThread } from '../../src/common/start-thread.js'
import type { Answer } from '../../src/grammar/compile-worker.js'
import type { Vocabulary } from '../../src/grammar/compiler.js'

test('texts are answered in the order they came, each under its number, and a bad one harms no other', async () => {
  const vocabulary: Vocabulary = {
    bytes: Uint8Array.from(Buffer.from('ab')),
    lengths: Uint32Array.of(1, 1, 0),
    stopTokens: [2],
  }
  const worker = startThread(import.meta.url, '../../src/grammar/compile-worker', { workerData: vocabulary })
  try {
    const answers: Answer[] = []
    worker.on('message', (answer: Answer) => answers.push(answer))
    const texts = ['root ::= "a"', 'root ::= nothing', 'root ::= "b"']
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    texts.forEach((text, i) => worker.postMessage({ id: 7 + i, text }))
    while (answers.length < texts.length) await once(worker, 'message')
    assert.equal(
      answers.map(({ id }) => id),
      [7, 8, 9],
    )
    const [first, second, third] = answers
    assert.ok('image' in first && first.image.bytes.length > 0)
    assert.ok('refused' in second && second.refused.includes('Rule "nothing" is not defined'))
    assert.ok('image' in third && third.image.bytes.length > 0)
  } finally {
    await worker.terminate()
  }
})

test.run()
