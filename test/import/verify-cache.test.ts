/** Every byte of the cache, held against the hashes that were noted. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { CachedImport, CachedSource } from '../../src/import/cache-contents.js'
import { verifyCached } from '../../src/import/verify-cache.js'
import { tempFolder } from '../support/temp-folder.js'
import { writeImport } from '../support/written-import.js'

const content = Buffer.from('weights')

/** A pulled repository of the hub; `sha256` is what its note says of its file. */
function source(sha256 = createHash('sha256').update(content).digest('hex')): CachedSource {
  const path = tempFolder()
  writeFileSync(join(path, 'tiny.gguf'), content)
  const files = { 'tiny.gguf': { bytes: content.length, sha256 } }
  writeFileSync(join(path, '.pulled.json'), JSON.stringify({ repository: 'some/tiny', revision: 'abc', files }))
  return { name: 'hf.co/some/tiny', path, bytes: content.length }
}

async function imported(isCurrent = true): Promise<CachedImport> {
  const path = join(tempFolder(), 'tiny')
  await writeImport(path)
  const source = { source: 'tiny.gguf', isKnown: false }
  return { name: 'tiny', format: 'fp32', path, ...source, bytes: 1, usedAt: new Date(0), isCurrent }
}

async function faults(sources: CachedSource[], imports: CachedImport[]): Promise<(string | null)[]> {
  const found: (string | null)[] = []
  for await (const { fault } of verifyCached({ sources, imports, unfinished: [] })) found.push(fault)
  return found
}

test('what is as it was pulled and imported has no fault', async () => {
  assert.equal(await faults([source()], [await imported()]), [null, null])
})

test('a damaged import is named by its file, a damaged source with what to do', async () => {
  const broken = await imported()
  writeFileSync(join(broken.path, 'weights.bin'), 'x')
  const [first, second] = await faults([source('wrong')], [broken])
  assert.match(first!, /weights\.bin has 1 bytes, expected 8/)
  assert.match(second!, /tiny\.gguf has SHA-256 .* expected wrong; pull hf\.co\/some\/tiny again/)
})

test('imports of other releases and sources whose hashes nobody noted are passed over', async () => {
  const path = join(tempFolder(), 'mine')
  mkdirSync(path)
  assert.equal(await faults([{ name: 'mine', path, bytes: 0 }], [await imported(false)]), [])
})

test.run()
