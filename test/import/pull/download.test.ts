/** One file to its place: checked, resumed, refused. `hub-source.test.ts` has what a server may do meanwhile. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { download, type DownloadOptions } from '../../../src/import/pull/download.js'
import { Unreachable } from '../../../src/import/pull/source.js'
import { StorageError } from '../../../src/spec/errors.js'
import { tempFolder } from '../../support/temp-folder.js'

const content = Buffer.from('weights '.repeat(100))
const facts = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
/** An address that holds its own answer: nothing is asked. */
const holding = (bytes: Buffer): string => `data:application/octet-stream;base64,${bytes.toString('base64')}`
/** A port that `fetch` refuses before it asks anybody. */
const NOWHERE = 'http://127.0.0.1:1/model'

const target = (): string => join(tempFolder(), 'model.gguf')

async function failure(url: string, path: string, options: DownloadOptions = {}): Promise<Error> {
  const error: unknown = await download(url, path, facts, options).catch((reason: unknown) => reason)
  assert.instance(error, Error)
  return error as Error
}

test('a whole file is put in its place, its bytes told as they come', async () => {
  const path = target()
  const seen: number[] = []
  await download(holding(content), path, facts, { onBytes: (bytes) => seen.push(bytes) })
  assert.equal(readFileSync(path), content)
  assert.is(seen.at(-1), content.length)
  assert.equal(readdirSync(join(path, '..')), ['model.gguf'])
})

test('a part that is whole already is only checked and put in its place', async () => {
  const path = target()
  writeFileSync(`${path}.part`, content)
  await download(NOWHERE, path, facts)
  assert.equal(readFileSync(path), content)
})

test('a whole part of another version is thrown away and the file fetched anew', async () => {
  const path = target()
  writeFileSync(`${path}.part`, Buffer.alloc(content.length))
  await download(holding(content), path, facts)
  assert.equal(readFileSync(path), content)
})

test('a file of other content is refused with its hash, and no part of it stays', async () => {
  const path = target()
  assert.match((await failure(holding(Buffer.alloc(content.length)), path)).message, /has SHA-256 .*, expected/)
  assert.not(existsSync(path) || existsSync(`${path}.part`))
})

test('a file longer than expected is no failure of the network', async () => {
  const error = await failure(holding(Buffer.concat([content, content])), target())
  assert.match(error.message, /sends more than the 800 bytes expected/)
  assert.not(error instanceof Unreachable)
})

test('an address that cannot be reached is, with the reason', async () => {
  const error = await failure(NOWHERE, target())
  assert.instance(error, Unreachable)
  assert.match(error.message, /^http:\/\/127\.0\.0\.1:1\/model: fetch failed \(.+\)$/)
})

test('a disk without room is told before anything is asked, less what is there already', async () => {
  const path = target()
  writeFileSync(`${path}.part`, content.subarray(0, 300))
  const error = await failure(NOWHERE, path, { freeBytes: async () => 499 })
  assert.instance(error, StorageError)
  assert.match(error.message, /pulling model\.gguf takes 500 bytes and the disk of .* has 499 free/)
})

test.run()
