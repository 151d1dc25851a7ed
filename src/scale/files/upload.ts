/** A multipart upload of one file into a store, as it comes: its bytes are never in memory as a whole. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { ApiError } from '../../serve/index.js'
import { PURPOSES, type FileObject, type FilePurpose, type FileStore } from './file-object.js'

export interface Upload {
  owner: string
  contentType: string
  body: AsyncIterable<Uint8Array>
}

/** Seconds that an input file lives where its upload says nothing. */
const USUAL_LIFE = 30 * 24 * 3600
/** Seconds that `expires_after` may say. */
const LIFE = { least: 3600, most: 30 * 24 * 3600 }
const MOST_FIELD_BYTES = 1024

/**
 * Stores the part `file` of a form with `purpose` and, if it likes, `expires_after[anchor]`, `expires_after[seconds]`,
 * whichever comes first. Throws `ApiError` naming the field; what was stored of a bad upload is removed.
 */
export async function storeUpload(files: FileStore, upload: Upload, mostBytes: number): Promise<FileObject> {
  const fields = new Map<string, string>()
  let stored: Promise<FileObject> | undefined
  const form = reader(upload.contentType, mostBytes)
  form.on('field', (name, value) => fields.set(name, value))
  form.on('file', (name, content, filename) => {
    if (name !== 'file' || stored) return void content.resume()
    let isCut = false
    content.on('limit', () => (isCut = true))
    const source = (async function* () {
      yield* content as AsyncIterable<Uint8Array>
      if (isCut) throw tooLarge(mostBytes)
    })()
    const file = { owner: upload.owner, filename: filename ?? 'file', purpose: 'batch', expiresAfter: null } as const
    stored = files.create(source, file)
    stored.catch(() => content.resume())
  })
  await pipeline(Readable.from(upload.body), form).catch((cause: unknown) => {
    if (cause instanceof ApiError) throw cause
    throw new ApiError(400, 'invalid_value', 'the form cannot be read; send multipart/form-data with file and purpose')
  })
  if (!stored) throw new ApiError(400, 'missing_required_parameter', 'the form has no file', 'file')
  const file = await stored
  try {
    return await files.describe(upload.owner, file.id, { purpose: purposeOf(fields), expiresAfter: lifeOf(fields) })
  } catch (error) {
    await files.remove(upload.owner, file.id)
    throw error
  }
}

function reader(contentType: string, fileSize: number): BusboyInstance {
  try {
    const limits = { fileSize, fieldSize: MOST_FIELD_BYTES, fields: 16, files: 2 }
    return new Busboy({ headers: { 'content-type': contentType }, limits })
  } catch {
    throw new ApiError(400, 'invalid_value', 'files are uploaded as multipart/form-data with file and purpose')
  }
}

function purposeOf(fields: ReadonlyMap<string, string>): FilePurpose {
  const purpose = fields.get('purpose')
  if (purpose === 'batch') return purpose
  const known = PURPOSES.filter((one) => one !== 'batch_output').join(', ')
  throw new ApiError(400, 'invalid_value', `purpose must be one of ${known}`, 'purpose')
}

function lifeOf(fields: ReadonlyMap<string, string>): number {
  const anchor = fields.get('expires_after[anchor]')
  const seconds = fields.get('expires_after[seconds]')
  return anchor === undefined && seconds === undefined ? USUAL_LIFE : checkLife({ anchor, seconds: Number(seconds) })
}

/** Seconds of `{ anchor, seconds }`. Throws `ApiError` 400 naming `param`. */
export function checkLife(given: unknown, param = 'expires_after'): number {
  const { anchor, seconds } = (given ?? {}) as { anchor?: unknown; seconds?: unknown }
  if (anchor !== 'created_at')
    throw new ApiError(400, 'invalid_value', `${param}.anchor must be "created_at"`, `${param}.anchor`)
  if (!Number.isInteger(seconds) || Number(seconds) < LIFE.least || Number(seconds) > LIFE.most)
    throw new ApiError(
      400,
      'invalid_value',
      `${param}.seconds must be a whole number from ${LIFE.least} to ${LIFE.most}`,
      `${param}.seconds`,
    )
  return Number(seconds)
}

function tooLarge(mostBytes: number): ApiError {
  return new ApiError(413, 'file_too_large', `a file has at most ${mostBytes} bytes`, 'file')
}
