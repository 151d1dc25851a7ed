/** The program of the compiling thread, by its messages. */
import { once } from 'node:events'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startThread } from '../../src/common/start-thread.js'
import type { CompileAnswer, CompileQuestion } from '../../src/grammar/compile-worker.js'
import type { Vocabulary } from '../../src/grammar/compiler.js'

test('all are answered in the order they came, each under its number, and a bad one harms no other', async () => {
  const vocabulary: Vocabulary = {
    bytes: Uint8Array.from(Buffer.from('ab')),
    lengths: Uint32Array.of(1, 1, 0),
    stopTokens: [2],
  }
  const worker = startThread(import.meta.url, '../../src/grammar/compile-worker', { workerData: vocabulary })
  try {
    const answers: (CompileAnswer & { id: number })[] = []
    worker.on('message', (answer: CompileAnswer & { id: number }) => answers.push(answer))
    const asked: CompileQuestion[] = [
      { text: 'root ::= "a"' },
      { text: 'root ::= nothing' },
      { text: 'root ::= "b"' },
      { question: '{"format":{"type":"choice","choices":["a","b"]}}' },
      { question: '{"format":{"type":"json_schema","schema":{"type":"word"}}}' },
    ]
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    asked.forEach((question, i) => worker.postMessage({ id: 7 + i, ...question }))
    while (answers.length < asked.length) await once(worker, 'message')
    assert.equal(
      answers.map(({ id }) => id),
      [7, 8, 9, 10, 11],
    )
    const [first, second, third, translated, wrong] = answers
    assert.ok('image' in first && first.image.bytes.length > 0)
    assert.ok('refused' in second && second.refused.includes('Rule "nothing" is not defined'))
    assert.ok('image' in third && third.image.bytes.length > 0)
    assert.ok('grammar' in translated && translated.grammar.text.includes('"a" | "b"'))
    assert.ok('error' in wrong && wrong.error.param === 'responseFormat' && wrong.error.message.includes('#/type'))
  } finally {
    await worker.terminate()
  }
})

test.run()
