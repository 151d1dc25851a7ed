import { createHash } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findFault, isWhole, keptFault, remember, type FileFacts } from '../../src/import/file-facts.js'
import { tempFolder } from '../support/temp-folder.js'

const content = Buffer.from('weights '.repeat(100))
const facts: FileFacts = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }

function kept(bytes: Uint8Array): string {
  const path = join(tempFolder(), 'model.gguf')
  writeFileSync(path, bytes)
  return path
}

test('a whole file has no fault; one that is missing, short or of other content is told apart', async () => {
  assert.is(await findFault(kept(content), facts), null)
  assert.is(await findFault(join(tempFolder(), 'none'), facts), 'is missing')
  assert.match(String(await findFault(kept(content.subarray(1)), facts)), /has 799 bytes, expected 800/)
  assert.match(String(await findFault(kept(Buffer.alloc(800)), facts)), /has SHA-256 .*, expected/)
})

test('a kept file is hashed once, and again as soon as something was written to it', async () => {
  const path = kept(content)
  assert.ok(await isWhole(path, facts))
  assert.equal(readdirSync(join(path, '..')).sort(), ['.model.gguf.checked', 'model.gguf'])
  assert.is(await keptFault(path, { ...facts }), null)
  writeFileSync(path, Buffer.alloc(content.length))
  assert.match(String(await keptFault(path, facts)), /has SHA-256/)
  rmSync(path)
  assert.not(await isWhole(path, facts))
})

test('what a writer notes is believed while the file lies untouched', async () => {
  const path = kept(Buffer.alloc(content.length))
  await remember(path, facts)
  assert.is(await keptFault(path, facts), null)
  writeFileSync(path, Buffer.alloc(content.length))
  assert.match(String(await keptFault(path, facts)), /has SHA-256/)
})

test.run()
