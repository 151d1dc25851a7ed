/** An answer's parts, from its prompt to its end, whatever ends it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { GeneratePart, GenerateRequest } from '../../src/api/types.js'
import { answer } from '../../src/engine/answer.js'
import type { Run } from '../../src/engine/run.js'
import { SequoiaError } from '../../src/spec/errors.js'
import { Desk, errorOf } from '../support/desk.js'

async function begun(desk: Desk, request: Partial<GenerateRequest>): Promise<{ run: Run; parts: typeof answering }> {
  const run = desk.run({ promptTokens: [2], draft: 'none', ...request })
  run.sequence = await desk.admission.sequences.begin(run, null)
  const { batch, context } = desk
  const answering = answer({ batch, ...context, passMs: () => desk.target.clock.busyMs }, run, run.sequence)
  return { run, parts: answering }
}

async function all(parts: AsyncIterable<GeneratePart>): Promise<GeneratePart[]> {
  const got: GeneratePart[] = []
  for await (const part of parts) got.push(part)
  return got
}

test('the prompt is read before the first step, all but its last token', async () => {
  const desk = new Desk()
  const { parts } = await begun(desk, { promptTokens: [2, 1, 0, 1], maxTokens: 1 })
  await parts.next()
  assert.equal(
    desk.forward.passes.map(({ tokens }) => [...tokens]),
    [[2, 1, 0], [1]],
  )
})

test('each step brings a part, and the last one says how it ended and what it cost', async () => {
  const { parts } = await begun(new Desk(), { maxTokens: 3 })
  const got = await all(parts)
  assert.is(got.map(({ text }) => text).join(''), 'aaa')
  assert.equal(
    got.map(({ finishReason }) => finishReason),
    [undefined, undefined, 'length'],
  )
  assert.equal([got[2].stats!.tokens, got[2].stats!.steps, got[0].stats], [3, 3, undefined])
})

test('a caller who aborts gets the text that was held back, and an end of that name', async () => {
  const controller = new AbortController()
  const { run, parts } = await begun(new Desk(), { stop: ['aab'], signal: controller.signal })
  assert.is((await parts.next()).value!.text, '', 'it may begin the stop string')
  controller.abort()
  const last = (await parts.next()).value!
  assert.equal([last.text, last.finishReason], ['a', 'abort'])
  assert.is((await parts.next()).done, true)
  run.dispose()
})

test('what the engine ends is thrown: at once, and in place of a part that comes too late', async () => {
  const why = new SequoiaError('timeout', 'too long')
  const { run, parts } = await begun(new Desk(), {})
  await parts.next()
  run.stop(why)
  assert.is(await errorOf(() => parts.next()), why)
})

test('a sequence that cannot go on ends in its own error', async () => {
  const desk = new Desk()
  const { run, parts } = await begun(desk, {})
  run.sequence!.sampling.verify = () => {
    throw new Error('no token left')
  }
  assert.is((await errorOf(() => parts.next())).message, 'no token left')
})

test.run()
