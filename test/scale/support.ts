/** What tests of files and batches share: a store in a folder of its own and an endpoint that needs no model. */
import { join } from 'node:path'
import { FolderBatches } from '../../src/scale/batches/folder-batches.js'
import type { BatchContext } from '../../src/scale/batches/run-batch.js'
import type { LineReply } from '../../src/scale/batches/run-requests.js'
import { FolderFiles } from '../../src/scale/files/folder-files.js'
import { tempFolder } from '../support/temp-folder.js'

export const OWNER = 'app'

export async function* bytesOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

export async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** A request line; `prompt` is what the endpoint echoes. */
export function requestLine(id: string, prompt: string, more: object = {}): string {
  const body = { model: 'm', messages: [{ role: 'user', content: prompt }] }
  return `${JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body, ...more })}\n`
}

/** Echoes the prompt; refuses the prompt `bad` as endpoints do. */
export function echo(body: unknown): LineReply {
  const prompt = (body as { messages: { content: string }[] }).messages[0].content
  const requestId = `req_${prompt}`
  if (prompt === 'bad') return { status: 400, requestId, body: { error: { message: 'bad', code: 'invalid_value' } } }
  return { status: 200, requestId, body: { said: prompt, usage: { prompt_tokens: 2, completion_tokens: 3 } } }
}

/** A context over a new folder; a second call with the same folder is the next process. */
export async function context(
  folder: string | null,
  answer: BatchContext['answer'] = async (_endpoint, body) => echo(body),
  now: () => number = Date.now,
): Promise<BatchContext & { folder: string; files: FolderFiles }> {
  const root = folder ?? (await tempFolder())
  return {
    folder: root,
    files: new FolderFiles(join(root, 'files'), now),
    batches: new FolderBatches(join(root, 'batches'), now),
    parse: JSON.parse,
    answer,
    width: () => 2,
  }
}

export async function upload(files: FolderFiles, text: string): Promise<string> {
  const file = { owner: OWNER, filename: 'in.jsonl', purpose: 'batch', expiresAfter: null } as const
  return (await files.create(bytesOf(text), file)).id
}

/** The lines of a file by `custom_id`. Throws where one stands there twice. */
export async function answersOf(files: FolderFiles, id: string | null): Promise<Map<string, Record<string, unknown>>> {
  const found = new Map<string, Record<string, unknown>>()
  if (id === null) return found
  for (const line of (await textOf(files.read(OWNER, id))).split('\n').filter(Boolean)) {
    const entry = JSON.parse(line) as { custom_id: string }
    if (found.has(entry.custom_id)) throw new Error(`${entry.custom_id} stands there twice`)
    found.set(entry.custom_id, entry)
  }
  return found
}
