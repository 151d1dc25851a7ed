import { existsSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runBatch, type BatchContext, type Stop } from '../../../src/scale/batches/run-batch.js'
import { answersOf, context, echo, OWNER, requestLine, upload } from '../support.js'

const text = ['a', 'b', 'c'].map((prompt) => requestLine(prompt, prompt)).join('')
const never = new AbortController().signal

async function made(answer?: BatchContext['answer'], input = text) {
  const given = await context(null, answer, () => 9000)
  const inputFileId = await upload(given.files, input)
  const chat = { endpoint: '/v1/chat/completions', metadata: null, inputFileId } as const
  return { ...given, width: () => 1, stored: await given.batches.create(OWNER, null, chat) }
}

/** Answers the first request, and is stopped for `reason` at the second. */
function stopping(reason: Stop): { answer: BatchContext['answer']; stop: AbortController } {
  const stop = new AbortController()
  return {
    stop,
    answer: async (_endpoint, body) => {
      if (echo(body).requestId === 'req_b') stop.abort(reason)
      return echo(body)
    },
  }
}

test('a batch without refusals has no error file, and its counts and uses are those of its lines', async () => {
  const given = await made()
  await runBatch(given, given.stored, never)
  const { batch } = given.stored
  assert.equal([batch.status, batch.completed_at, batch.error_file_id], ['completed', 9, null])
  assert.equal(batch.request_counts, { total: 3, completed: 3, failed: 0 })
  assert.equal([batch.usage.input_tokens, batch.usage.output_tokens, batch.usage.total_tokens], [6, 9, 15])
  assert.not(existsSync(given.batches.pathOf(batch.id, 'errors.jsonl')))
  assert.is((await answersOf(given.files, batch.output_file_id)).size, 3)
})

test('one that is interrupted has no ending, and goes on where it was', async () => {
  const { answer, stop } = stopping('interrupted')
  const given = await made(answer)
  await runBatch(given, given.stored, stop.signal)
  assert.equal([given.stored.ending, given.stored.batch.status], [null, 'in_progress'])
  assert.equal(given.stored.batch.request_counts, { total: 3, completed: 1, failed: 0 })
  const asked: string[] = []
  const again = async (_endpoint: string, body: unknown) => {
    asked.push(echo(body).requestId)
    return echo(body)
  }
  await runBatch({ ...given, answer: again }, given.stored, never)
  assert.equal([asked, given.stored.batch.status], [['req_b', 'req_c'], 'completed'])
})

test('one that is cancelled or expires says so of each request that did not run', async () => {
  for (const reason of ['cancelled', 'expired'] as const) {
    const { answer, stop } = stopping(reason)
    const given = await made(answer)
    await runBatch(given, given.stored, stop.signal)
    const { batch } = given.stored
    assert.equal([batch.status, batch[`${reason}_at`]], [reason, 9])
    assert.equal([...(await answersOf(given.files, batch.output_file_id)).keys()], ['a'])
    const errors = [...(await answersOf(given.files, batch.error_file_id)).values()] as { error: { code: string } }[]
    assert.equal(
      errors.map(({ error }) => error.code),
      [`batch_${reason}`, `batch_${reason}`],
    )
  }
})

test('an input that is faulty or gone fails the batch before anything is asked', async () => {
  const answer = async (): Promise<never> => assert.unreachable() as never
  const faulty = await made(answer, '{}\n')
  const gone = await made(answer)
  await gone.files.remove(OWNER, gone.stored.batch.input_file_id)
  for (const [given, code] of [
    [faulty, 'missing_required_parameter'],
    [gone, 'invalid_file'],
  ] as const) {
    await runBatch(given, given.stored, never)
    const { status, failed_at, errors } = given.stored.batch
    assert.equal([status, failed_at, errors!.data[0].code], ['failed', 9, code])
  }
})

test.run()
