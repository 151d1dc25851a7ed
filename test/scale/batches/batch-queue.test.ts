import { appendFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BatchQueue } from '../../../src/scale/batches/batch-queue.js'
import type { BatchContext } from '../../../src/scale/batches/run-batch.js'
import { answersOf, context, echo, OWNER, requestLine, upload } from '../support.js'

const batches = suite('batches')

const unexpected = (error: unknown): never => {
  throw error
}

const chat = { endpoint: '/v1/chat/completions', metadata: null } as const

async function ran(text: string, answer?: BatchContext['answer'], width = 2) {
  const made = await context(null, answer)
  const queue = BatchQueue.open({ ...made, width: () => width, onError: unexpected })
  const inputFileId = await upload(made.files, text)
  const { id } = await queue.submit(OWNER, null, { ...chat, inputFileId })
  await queue.idle()
  return { ...made, queue, batch: (await queue.get(OWNER, id))! }
}

const many = (count: number): string =>
  Array.from({ length: count }, (_, i) => requestLine(`r${i}`, i % 10 === 3 ? 'bad' : `p${i}`)).join('')

batches('give each request one line: answers in the output file, refusals in the error file', async () => {
  const { files, batch } = await ran(many(20))
  assert.is(batch.status, 'completed')
  assert.equal(batch.request_counts, { total: 20, completed: 18, failed: 2 })
  assert.is(batch.model, 'm')
  assert.is(batch.usage.total_tokens, 18 * 5)
  const [output, errors] = [await answersOf(files, batch.output_file_id), await answersOf(files, batch.error_file_id)]
  assert.is(output.size, 18)
  assert.equal([...errors.keys()].sort(), ['r13', 'r3'])
  const { response, error } = output.get('r5') as { response: { status_code: number; body: object }; error: null }
  assert.is(response.status_code, 200)
  assert.equal(response.body, { said: 'p5', usage: { prompt_tokens: 2, completion_tokens: 3 } })
  assert.is(error, null)
  const refused = errors.get('r3') as { response: { status_code: number }; error: null }
  assert.is(refused.response.status_code, 400)
})

batches('run requests of equal beginnings one after another', async () => {
  const order: string[] = []
  const text = ['b1', 'a1', 'b2', 'a2'].map((prompt) => requestLine(prompt, prompt)).join('')
  const answer = async (_endpoint: string, body: unknown) => {
    order.push(echo(body).requestId)
    return echo(body)
  }
  await ran(text, answer, 1)
  assert.equal(order, ['req_a1', 'req_a2', 'req_b1', 'req_b2'])
})

batches('with faulty files fail whole and run nothing; each fault has its line', async () => {
  let asked = 0
  const text = [
    requestLine('a', 'p'),
    'no json\n',
    requestLine('a', 'q'),
    requestLine('b', 'p', { method: 'GET' }),
    requestLine('c', 'p', { url: '/v1/completions' }),
    requestLine('d', 'p', { body: 7 }),
  ].join('')
  const { batch } = await ran(text, async (_endpoint, body) => {
    asked++
    return echo(body)
  })
  assert.is(batch.status, 'failed')
  assert.is(asked, 0)
  assert.equal(
    batch.errors!.data.map(({ code, line }) => [code, line]),
    [
      ['invalid_json_line', 2],
      ['duplicate_custom_id', 3],
      ['invalid_method', 4],
      ['invalid_url', 5],
      ['missing_required_parameter', 6],
    ],
  )
  assert.is((await ran('\n\n')).batch.errors!.data[0].code, 'empty_file')
})

batches('ask again where they are turned away', async () => {
  let turnedAway = 0
  const { batch } = await ran(requestLine('a', 'p'), async (_endpoint, body) => {
    if (turnedAway++ < 1) return { status: 429, requestId: 'r', body: { error: { message: 'full' } } }
    return echo(body)
  })
  assert.equal(batch.request_counts, { total: 1, completed: 1, failed: 0 })
})

batches('go on where a process ended in the middle of a line: each request once, counts right', async () => {
  const first = await context(null, async (_endpoint, body, signal) => {
    // The third request never ends in this process.
    if (echo(body).requestId !== 'req_c') return echo(body)
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  })
  const queue = BatchQueue.open({ ...first, width: () => 1, onError: unexpected })
  const inputFileId = await upload(first.files, ['a', 'b', 'c', 'd'].map((p) => requestLine(p, p)).join(''))
  const { id } = await queue.submit(OWNER, null, { ...chat, inputFileId })
  while ((await queue.get(OWNER, id))!.request_counts.completed < 2) await new Promise(setImmediate)
  await queue.close()
  await appendFile(first.batches.pathOf(id, 'output.jsonl'), '{"id":"batch_req_","custom_id":"c","resp')
  const asked: string[] = []
  const second = await context(first.folder, async (_endpoint, body) => {
    asked.push(echo(body).requestId)
    return echo(body)
  })
  const next = BatchQueue.open({ ...second, onError: unexpected })
  await next.idle()
  const batch = (await next.get(OWNER, id))!
  assert.equal(asked.sort(), ['req_c', 'req_d'])
  assert.equal([batch.status, batch.request_counts], ['completed', { total: 4, completed: 4, failed: 0 }])
  assert.is((await answersOf(second.files, batch.output_file_id)).size, 4)
})

batches('that are cancelled keep what they have; what did not run is listed as cancelled', async () => {
  const made = await context(null, async (_endpoint, body, signal) => {
    if (echo(body).requestId === 'req_a') return echo(body)
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  })
  const queue = BatchQueue.open({ ...made, width: () => 1, onError: unexpected })
  const inputFileId = await upload(made.files, ['a', 'b', 'c'].map((p) => requestLine(p, p)).join(''))
  const { id } = await queue.submit(OWNER, 3600, { ...chat, inputFileId })
  while ((await queue.get(OWNER, id))!.request_counts.completed < 1) await new Promise(setImmediate)
  assert.is((await queue.cancel(OWNER, id))!.status, 'cancelling')
  await queue.idle()
  const batch = (await queue.get(OWNER, id))!
  assert.is(batch.status, 'cancelled')
  assert.equal([...(await answersOf(made.files, batch.output_file_id)).keys()], ['a'])
  const errors = await answersOf(made.files, batch.error_file_id)
  assert.equal([...errors.keys()], ['b', 'c'])
  assert.is((errors.get('b') as { error: { code: string } }).error.code, 'batch_cancelled')
  const output = (await made.files.get(OWNER, batch.output_file_id!))!
  assert.is(output.expires_at, output.created_at + 3600)
})

batches('whose window is over expire', async () => {
  let ms = Date.now()
  const made = await context(null, undefined, () => ms)
  const inputFileId = await upload(made.files, requestLine('a', 'p'))
  const { batch } = await made.batches.create(OWNER, null, { ...chat, inputFileId })
  ms += 24 * 3600_000
  const queue = BatchQueue.open({
    ...made,
    answer: (_endpoint, _body, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    onError: unexpected,
  })
  await queue.idle()
  const ended = (await queue.get(OWNER, batch.id))!
  assert.is(ended.status, 'expired')
  const errors = await answersOf(made.files, ended.error_file_id)
  assert.is((errors.get('a') as { error: { code: string } }).error.code, 'batch_expired')
})

batches('of a shared folder are run by one process and shown by all; any may cancel, the next goes on', async () => {
  const never = (_endpoint: string, _body: unknown, signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const first = await context(null, async (endpoint, body, signal) =>
    echo(body).requestId === 'req_a' ? echo(body) : never(endpoint, body, signal),
  )
  const runs = BatchQueue.open({ ...first, width: () => 1, onError: unexpected })
  await runs.idle()
  const asked: string[] = []
  const second = await context(first.folder, async (_endpoint, body) => {
    asked.push(echo(body).requestId)
    return echo(body)
  })
  const other = BatchQueue.open({ ...second, onError: unexpected })
  await other.idle()
  const submit = async (...prompts: string[]): Promise<string> => {
    const inputFileId = await upload(second.files, prompts.map((p) => requestLine(p, p)).join(''))
    return (await other.submit(OWNER, null, { ...chat, inputFileId })).id
  }
  const [stuck, next] = [await submit('a', 'b'), await submit('c')]
  while ((await runs.get(OWNER, stuck))!.request_counts.completed < 1) await new Promise(setImmediate)
  assert.is((await other.cancel(OWNER, stuck))!.status, 'cancelling')
  while ((await other.get(OWNER, stuck))!.status !== 'cancelled') await new Promise(setImmediate)
  assert.equal([...(await answersOf(second.files, (await other.get(OWNER, stuck))!.output_file_id)).keys()], ['a'])
  await runs.close()
  assert.equal(asked, [])
  await other.idle()
  assert.equal([(await other.get(OWNER, next))!.status, asked], ['completed', ['req_c']])
  await other.close()
})

batches('belong to who made them', async () => {
  const { queue, batch } = await ran(requestLine('a', 'p'))
  assert.is(await queue.get('other', batch.id), null)
  assert.equal(await queue.list('other'), [])
  assert.is(await queue.cancel('other', batch.id), null)
})

batches.run()
