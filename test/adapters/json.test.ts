import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkJsonType, decodeJson, parseJson } from '../../adapters/json.js'
import { writeJson } from '../../src/common/json/index.js'
import type { ApiError } from '../../src/serve/index.js'

const text = '{"b":3791411052119578828,"1":"é"}'
const bytes = Buffer.from(text)

async function status(run: () => unknown): Promise<number> {
  try {
    await run()
    return 200
  } catch (error) {
    return (error as ApiError).status
  }
}

test('a body is read as it was written, whatever it was packed with', async () => {
  for (const [encoding, packed] of [
    [undefined, bytes],
    ['identity', bytes],
    ['gzip', gzipSync(bytes)],
    ['DEFLATE', deflateSync(bytes)],
    ['br', brotliCompressSync(bytes)],
  ] as const)
    assert.is(writeJson(await decodeJson(packed, encoding, 1000)), text)
})

test('what is no JSON, too large once inflated or packed otherwise is refused', async () => {
  assert.is(await status(() => parseJson('{')), 400)
  assert.is(await status(() => decodeJson(Buffer.from('no gzip'), 'gzip', 1000)), 400)
  assert.is(await status(() => decodeJson(gzipSync(Buffer.alloc(1e6)), 'gzip', 1000)), 413)
  assert.is(await status(() => decodeJson(bytes, 'zstd', 1000)), 415)
  assert.is(await status(() => decodeJson(bytes, 'constructor', 1000)), 415)
})

test('the content type must be JSON', async () => {
  for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/problem+json'])
    assert.is(await status(() => checkJsonType(type)), 200, type)
  for (const type of [undefined, '', 'text/plain', 'application/jsonp', 'multipart/form-data; application/json'])
    assert.is(await status(() => checkJsonType(type)), 415, type)
})

test.run()
