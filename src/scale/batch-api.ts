/**
 * `/files` and `/batches` as OpenAI's clients use them, without a web framework: what an adapter has read goes in, what
 * it is to send comes out. Files and batches belong to the API key that made them.
 */
import { ApiError, type JsonReply } from '../serve/index.js'
import { BATCH_ENDPOINTS, type Batch, type BatchEndpoint } from './batches/batch-object.js'
import type { BatchQueue } from './batches/batch-queue.js'
import type { FileObject, FileStore } from './files/file-object.js'
import { checkLife, storeUpload } from './files/upload.js'
import { pageOf, pageQuery } from './pages.js'

/** One request below the place where the adapter is mounted. */
export interface BatchApiRequest {
  query: URLSearchParams
  /** Name of the API key that asks; '' where there are no keys. */
  owner: string
  contentType: string
  /** The body's bytes; a JSON body comes parsed by `json`. */
  body: AsyncIterable<Uint8Array>
  json(): Promise<unknown>
}

/** A file's bytes. */
export interface ContentReply {
  status: 200
  headers: Readonly<Record<string, string>>
  content: AsyncIterable<Uint8Array>
}

export interface BatchApiOptions {
  files: FileStore
  queue: BatchQueue
  /** Most bytes of an uploaded file; default 200 MB, as OpenAI has it. */
  mostFileBytes?: number
}

/** As OpenAI has it. */
const MOST_FILE_BYTES = 200_000_000
const FILE_PAGES = { limit: 10_000, most: 10_000 }
const BATCH_PAGES = { limit: 20, most: 100 }
const METADATA = { pairs: 16, key: 64, value: 512 }

/** A reply in JSON, or a file as it is. */
type Answer = JsonReply | ContentReply
type Handler = (request: BatchApiRequest, id: string) => Promise<Answer>

/** The routes of files and batches, for an adapter to ask. */
export interface BatchApi {
  /** What answers this method and path (without its query); null where they are none of ours. It throws `ApiError`. */
  route(method: string, path: string): ((request: BatchApiRequest) => Promise<Answer>) | null
}

/** The routes over a store of files and a queue of batches. */
export function batchApi({ files, queue, mostFileBytes = MOST_FILE_BYTES }: BatchApiOptions): BatchApi {
  const fileOf = async (owner: string, id: string): Promise<FileObject> =>
    (await files.get(owner, id)) ?? notFound('file', id)
  const batchOf = (found: Batch | null, id: string): JsonReply => ok(found ?? notFound('batch', id))

  const routes: Readonly<Record<string, Handler>> = {
    'POST /files': async ({ owner, contentType, body }) =>
      ok(await storeUpload(files, { owner, contentType, body }, mostFileBytes)),
    'GET /files': async ({ owner, query }) => {
      const purpose = query.get('purpose')
      const all = (await files.list(owner)).filter((file) => purpose === null || file.purpose === purpose)
      return ok(pageOf(all, pageQuery(query, FILE_PAGES)))
    },
    'GET /files/:id': async ({ owner }, id) => ok(await fileOf(owner, id)),
    'DELETE /files/:id': async ({ owner }, id) => {
      if (!(await files.remove(owner, id))) notFound('file', id)
      return ok({ id, object: 'file', deleted: true })
    },
    'GET /files/:id/content': async ({ owner }, id) => {
      const { bytes } = await fileOf(owner, id)
      const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes) }
      return { status: 200, headers, content: files.read(owner, id) }
    },
    'POST /batches': async ({ owner, json }) => {
      const { inputFileId, ...asked } = checkBatch(await json())
      const file = await files.get(owner, inputFileId)
      if (file?.purpose !== 'batch')
        throw new ApiError(
          400,
          'invalid_value',
          'input_file_id must be the id of a file uploaded with purpose "batch"',
          'input_file_id',
        )
      return ok(await queue.submit(owner, asked.outputExpiresAfter, { ...asked, inputFileId }))
    },
    'GET /batches': async ({ owner, query }) => ok(pageOf(await queue.list(owner), pageQuery(query, BATCH_PAGES))),
    'GET /batches/:id': async ({ owner }, id) => batchOf(await queue.get(owner, id), id),
    'POST /batches/:id/cancel': async ({ owner }, id) => batchOf(await queue.cancel(owner, id), id),
  }

  return {
    route: (method, path) => {
      const [, room, id, part, more] = path.replace(/\/$/, '').split('/')
      if (more !== undefined) return null
      const name = `${method === 'HEAD' ? 'GET' : method} /${room}${id ? '/:id' : ''}${part ? `/${part}` : ''}`
      if (!Object.hasOwn(routes, name)) return null
      return (request) => routes[name](request, id ?? '')
    },
  }
}

const ok = (body: object): JsonReply => ({ status: 200, headers: {}, body })

function notFound(kind: 'file' | 'batch', id: string): never {
  throw new ApiError(404, 'not_found', `there is no ${kind} ${JSON.stringify(id.slice(0, 100))} here`, `${kind}_id`)
}

interface CheckedBatch {
  endpoint: BatchEndpoint
  inputFileId: string
  metadata: Record<string, string> | null
  outputExpiresAfter: number | null
}

const FIELDS = new Set(['input_file_id', 'endpoint', 'completion_window', 'metadata', 'output_expires_after'])

function checkBatch(body: unknown): CheckedBatch {
  const refuse = (param: string, expected: string): never => {
    throw new ApiError(400, 'invalid_value', `${param} ${expected}`, param)
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ApiError(400, 'invalid_value', 'the body must be a JSON object')
  const given = body as Record<string, unknown>
  const unknown = Object.keys(given).find((field) => !FIELDS.has(field))
  if (unknown !== undefined) refuse(unknown.slice(0, 100), `is unknown; known are ${[...FIELDS].join(', ')}`)
  const endpoints = Object.keys(BATCH_ENDPOINTS)
  const { input_file_id: inputFileId, endpoint, metadata, output_expires_after: life } = given
  if (typeof inputFileId !== 'string') refuse('input_file_id', 'must be the id of an uploaded file')
  if (!endpoints.includes(String(endpoint))) refuse('endpoint', `must be one of ${endpoints.join(', ')}`)
  if (given.completion_window !== '24h') refuse('completion_window', 'must be "24h"')
  return {
    endpoint: endpoint as BatchEndpoint,
    inputFileId: inputFileId as string,
    metadata: metadata === undefined || metadata === null ? null : checkMetadata(metadata, refuse),
    outputExpiresAfter: life === undefined || life === null ? null : checkLife(life, 'output_expires_after'),
  }
}

function checkMetadata(given: unknown, refuse: (param: string, expected: string) => never): Record<string, string> {
  const { pairs, key, value } = METADATA
  const isRight =
    typeof given === 'object' &&
    given !== null &&
    !Array.isArray(given) &&
    Object.keys(given).length <= pairs &&
    Object.entries(given).every(
      ([name, text]) => name.length <= key && typeof text === 'string' && text.length <= value,
    )
  if (!isRight)
    refuse('metadata', `must have at most ${pairs} texts of at most ${value} characters, names of at most ${key}`)
  return given as Record<string, string>
}
