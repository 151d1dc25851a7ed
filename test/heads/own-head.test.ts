// @process native
/** A draft head that this test alone registers, the one of docs/extend.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensureDraftImported, headOf, heads } from '../../src/heads/index.js'
import { ensureImported } from '../../src/import/index.js'
import { echoDraftFile } from '../support/echo-draft.js'
import { readDoc } from '../support/doc-examples.js'
import { tempFolder } from '../support/temp-folder.js'
import { pointer } from './pointer.js'

const MICRO = fileURLToPath(new URL('../../models/micro/target.gguf', import.meta.url))

test('a head that a caller brings is found by its file and imported for its target', async () => {
  const cacheDir = tempFolder()
  const path = join(cacheDir, 'far.draft.json')
  writeFileSync(join(cacheDir, 'echo.gguf'), await echoDraftFile())
  writeFileSync(path, JSON.stringify({ draft: 'echo.gguf' }))
  assert.is(await headOf(path, heads), null)
  const head = await headOf(path, [...heads, pointer])
  assert.is(head?.kind, 'pointer')
  const { manifest } = await ensureImported(MICRO, { cacheDir, format: 'w8a8', hidden: true })
  const file = await head!.open(path)
  const draft = await ensureDraftImported(file, { source: MICRO, manifest }, { cacheDir })
  await file.close()
  assert.is(draft.manifest.features.read, manifest.spec.hidden)
  assert.match(draft.dir, /-pointer-/)
})

test('it is what docs/extend.md shows', () => {
  const code = readFileSync(new URL('./pointer.ts', import.meta.url), 'utf8')
  assert.ok(code.split('\n').length <= 31)
  assert.ok(readDoc('docs/extend.md').includes(`\`\`\`ts\n${code}\`\`\``))
})

test.run()
