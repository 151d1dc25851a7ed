// @process native
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensureDraftImported, headOf, heads } from '../../src/heads/index.js'
import { ensureImported } from '../../src/import/index.js'
import { echoDraftFile } from '../support/echo-draft.js'
import { tempFolder } from '../support/temp-folder.js'

const MICRO = fileURLToPath(new URL('../../models/micro/target.gguf', import.meta.url))

test('a draft is imported for a target whose file has moved since its own import, and only once', async () => {
  const cacheDir = tempFolder()
  const [before, now] = ['before', 'now'].map((folder) =>
    join(mkdirSync(join(cacheDir, folder), { recursive: true })!, 'target.gguf'),
  )
  const draft = join(cacheDir, 'draft.gguf')
  copyFileSync(MICRO, before)
  await ensureImported(before, { cacheDir, format: 'w8a8', hidden: true })
  copyFileSync(MICRO, now)
  rmSync(before)
  const { manifest } = await ensureImported(now, { cacheDir, format: 'w8a8', hidden: true })
  assert.is(manifest.source.path, before)

  writeFileSync(draft, await echoDraftFile())
  const lines: string[] = []
  const head = (await headOf(draft, heads))!
  assert.is(head.kind, 'sequoia-draft')
  assert.is(await headOf(now, heads), null)
  const file = await head.open(draft)
  const ensure = () =>
    ensureDraftImported(file, { source: now, manifest }, { cacheDir, onProgress: ({ text }) => lines.push(text) })
  const first = await ensure()
  const reported = lines.length
  assert.ok(reported > 0)
  assert.equal((await ensure()).dir, first.dir)
  assert.is(lines.length, reported)

  const plain = { source: now, manifest: { ...manifest, features: { read: 0, written: 0 } } }
  const error: unknown = await ensureDraftImported(file, plain, { cacheDir }).catch((reason: unknown) => reason)
  assert.match((error as Error).message, /reads \d+ features a row; .* was imported with 0/)
  await file.close()
})

test.run()
