import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkLife, storeUpload } from '../../../src/scale/files/upload.js'
import type { FileObject } from '../../../src/scale/files/file-object.js'
import type { ApiError } from '../../../src/serve/index.js'
import { bytesOf, context, OWNER, textOf } from '../support.js'

const DAY = 24 * 3600

/** A form of these entries, in this order; `file` is a file. */
async function stored(entries: [string, string][], most = 100) {
  const form = new FormData()
  for (const [name, value] of entries)
    if (name === 'file') form.append(name, new Blob([value]), 'in.jsonl')
    else form.append(name, value)
  const request = new Request('http://host', { method: 'POST', body: form })
  const { files } = await context(null)
  const contentType = request.headers.get('content-type')!
  const body = request.body as unknown as AsyncIterable<Uint8Array>
  const result = await storeUpload(files, { owner: OWNER, contentType, body }, most).catch((error: ApiError) => error)
  return { files, result }
}

test('a file is stored whether its purpose comes before or behind it, for thirty days unless told', async () => {
  const file: [string, string] = ['file', 'é']
  const purpose: [string, string] = ['purpose', 'batch']
  for (const entries of [
    [file, purpose],
    [purpose, file],
  ]) {
    const { files, result } = await stored(entries)
    const { id, bytes, filename, created_at, expires_at } = result as FileObject
    assert.equal([bytes, filename, expires_at! - created_at], [2, 'in.jsonl', 30 * DAY])
    assert.is(await textOf(files.read(OWNER, id)), 'é')
  }
})

test('of two files the first counts, and parts of other names are passed over', async () => {
  const { files, result } = await stored([
    ['other', 'x'],
    ['file', 'one'],
    ['file', 'two'],
    ['purpose', 'batch'],
  ])
  assert.is(await textOf(files.read(OWNER, (result as FileObject).id)), 'one')
})

test('a file of the most bytes is taken, and one of a byte more leaves nothing', async () => {
  const entries = (bytes: number): [string, string][] => [
    ['purpose', 'batch'],
    ['file', 'x'.repeat(bytes)],
  ]
  assert.is(((await stored(entries(8), 8)).result as FileObject).bytes, 8)
  const { files, result } = await stored(entries(9), 8)
  assert.equal([(result as ApiError).status, (result as ApiError).param], [413, 'file'])
  assert.equal(await files.list(OWNER), [])
})

test('a form without a file, and what is no form, are refused', async () => {
  const { result } = await stored([['purpose', 'batch']])
  assert.equal([(result as ApiError).status, (result as ApiError).param], [400, 'file'])
  const { files } = await context(null)
  for (const contentType of ['application/json', 'multipart/form-data', '']) {
    const upload = { owner: OWNER, contentType, body: bytesOf('{}') }
    const error = await storeUpload(files, upload, 100).catch((thrown: ApiError) => thrown)
    assert.is((error as ApiError).status, 400, contentType)
  }
})

test('a life is of an hour to thirty days from its making', () => {
  for (const seconds of [3600, 30 * DAY]) assert.is(checkLife({ anchor: 'created_at', seconds }), seconds)
  const refused = (given: unknown): string | null => {
    try {
      checkLife(given, 'life')
    } catch (error) {
      return (error as ApiError).param
    }
    return 'taken'
  }
  for (const seconds of [3599, 30 * DAY + 1, 3600.5, '3600', undefined])
    assert.is(refused({ anchor: 'created_at', seconds }), 'life.seconds')
  for (const given of [null, {}, { anchor: 'now', seconds: 3600 }]) assert.is(refused(given), 'life.anchor')
})

test.run()
