import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { batchApi, type BatchApiRequest } from '../../src/scale/batch-api.js'
import { BatchQueue } from '../../src/scale/batches/batch-queue.js'
import { ApiError, type JsonReply } from '../../src/serve/index.js'
import { bytesOf, context, OWNER, requestLine, textOf } from './support.js'

const api = suite('files and batches')

async function open(mostFileBytes?: number) {
  const made = await context(null)
  const onError = (error: unknown): never => {
    throw error
  }
  const queue = BatchQueue.open({ ...made, onError })
  const { route } = batchApi({ files: made.files, queue, mostFileBytes })
  const call = async (method: string, url: string, more: Partial<BatchApiRequest> = {}) => {
    const { pathname, searchParams } = new URL(url, 'http://host')
    const handler = route(method, pathname)
    if (!handler) return null
    const body = bytesOf('')
    const json = async (): Promise<unknown> => undefined
    const asked = { query: searchParams, owner: OWNER, contentType: '', body, json }
    return handler({ ...asked, ...more }).catch((error: unknown) => error as ApiError)
  }
  const body = async (method: string, url: string, more?: Partial<BatchApiRequest>) =>
    ((await call(method, url, more)) as JsonReply).body as Record<string, never>
  return { ...made, queue, call, body }
}

/** A form with a file; `fields` come before it. */
async function form(text: string, fields: Record<string, string>): Promise<Partial<BatchApiRequest>> {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  data.set('file', new Blob([text]), 'in.jsonl')
  const request = new Request('http://host', { method: 'POST', body: data })
  return {
    contentType: request.headers.get('content-type')!,
    body: request.body as unknown as AsyncIterable<Uint8Array>,
  }
}

api('a file is uploaded, shown, listed, read and deleted', async () => {
  const { body, call } = await open()
  const file = await body('POST', '/files', await form('{"a":1}\n', { purpose: 'batch' }))
  assert.is(file.object, 'file')
  assert.is(file.filename, 'in.jsonl')
  assert.is(file.bytes, 8)
  assert.is(file.expires_at, file.created_at + 30 * 24 * 3600)
  assert.equal(await body('GET', `/files/${file.id}`), file)
  assert.equal((await body('GET', '/files?purpose=batch')).data, [file])
  assert.equal((await body('GET', '/files?purpose=batch_output')).data, [])
  const content = (await call('GET', `/files/${file.id}/content`)) as { content: AsyncIterable<Uint8Array> }
  assert.is(await textOf(content.content), '{"a":1}\n')
  assert.equal(await body('DELETE', `/files/${file.id}`), { id: file.id, object: 'file', deleted: true })
  assert.is(((await call('GET', `/files/${file.id}`)) as ApiError).status, 404)
})

api('a file expires when its upload says so', async () => {
  const { body } = await open()
  const fields = { purpose: 'batch', 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '3600' }
  const file = await body('POST', '/files', await form('x', fields))
  assert.is(file.expires_at, file.created_at + 3600)
})

api('a bad upload is refused by its field and leaves nothing', async () => {
  const { call, files } = await open(4)
  const refused = async (request: Partial<BatchApiRequest>): Promise<unknown[]> => {
    const { status, param } = (await call('POST', '/files', request)) as ApiError
    return [status, param]
  }
  assert.equal(await refused(await form('x', {})), [400, 'purpose'])
  assert.equal(await refused(await form('x', { purpose: 'batch_output' })), [400, 'purpose'])
  assert.equal(await refused(await form('12345', { purpose: 'batch' })), [413, 'file'])
  const short = { purpose: 'batch', 'expires_after[anchor]': 'created_at', 'expires_after[seconds]': '1' }
  assert.equal(await refused(await form('x', short)), [400, 'expires_after.seconds'])
  assert.equal(await refused({ contentType: 'application/json', body: bytesOf('{}') }), [400, null])
  assert.equal(await files.list(OWNER), [])
})

api('a batch runs from its upload to its output file', async () => {
  const { body, call, queue } = await open()
  const file = await body('POST', '/files', await form(requestLine('a', 'p'), { purpose: 'batch' }))
  const asked = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }
  const batch = await body('POST', '/batches', { json: async () => ({ ...asked, metadata: { job: '7' } }) })
  assert.is(batch.status, 'validating')
  assert.equal(batch.metadata, { job: '7' })
  await queue.idle()
  const done = await body('GET', `/batches/${batch.id}`)
  assert.is(done.status, 'completed')
  const content = (await call('GET', `/files/${done.output_file_id}/content`)) as { content: AsyncIterable<Uint8Array> }
  assert.match(await textOf(content.content), /"custom_id":"a"/)
  assert.is((await body('POST', `/batches/${batch.id}/cancel`)).status, 'completed')
})

api('a batch that asks for what there is not is refused by its field', async () => {
  const { body, call } = await open()
  const file = await body('POST', '/files', await form('x', { purpose: 'batch' }))
  const right = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }
  const refused = async (more: object): Promise<unknown> =>
    ((await call('POST', '/batches', { json: async () => ({ ...right, ...more }) })) as ApiError).param
  assert.is(await refused({ input_file_id: 'file-0' }), 'input_file_id')
  assert.is(await refused({ endpoint: '/v1/embeddings' }), 'endpoint')
  assert.is(await refused({ completion_window: '1h' }), 'completion_window')
  assert.is(await refused({ metadata: { a: 1 } }), 'metadata')
  assert.is(
    await refused({ output_expires_after: { anchor: 'created_at', seconds: 1 } }),
    'output_expires_after.seconds',
  )
  assert.is(await refused({ priority: 1 }), 'priority')
})

api('lists come in pages, newest first', async () => {
  const { body, call } = await open()
  const ids: string[] = []
  for (let i = 0; i < 5; i++) ids.unshift((await body('POST', '/files', await form('x', { purpose: 'batch' }))).id)
  const idsOf = (page: Record<string, never>): string[] => (page.data as { id: string }[]).map(({ id }) => id)
  const first = await body('GET', '/files?limit=2')
  assert.equal([idsOf(first), first.has_more, first.last_id], [ids.slice(0, 2), true, ids[1]])
  const last = await body('GET', `/files?limit=3&after=${ids[1]}`)
  assert.equal([idsOf(last), last.has_more], [ids.slice(2), false])
  assert.equal(idsOf(await body('GET', '/files?order=asc')), [...ids].reverse())
  assert.is(((await call('GET', '/batches?limit=101')) as ApiError).param, 'limit')
  assert.is(((await call('GET', '/files?after=file-7')) as ApiError).param, 'after')
})

api('what belongs to another key is not there', async () => {
  const { body, call } = await open()
  const file = await body('POST', '/files', await form('x', { purpose: 'batch' }))
  assert.is(((await call('GET', `/files/${file.id}`, { owner: 'other' })) as ApiError).status, 404)
  assert.is(((await call('DELETE', `/files/${file.id}`, { owner: 'other' })) as ApiError).status, 404)
})

api('paths and methods that are none of ours are left to others', async () => {
  const { call } = await open()
  for (const path of ['/', '/filesx', '/files/a/b', '/batches/a/b', '/files/a/content/c', '/chat/completions'])
    assert.is(await call('GET', path), null)
  assert.is(await call('PUT', '/files'), null)
})

api.run()
