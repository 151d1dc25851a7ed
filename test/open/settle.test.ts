import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineOptions } from '../../src/api/types.js'
import { keepBestDraft } from '../../src/open/measured-drafts.js'
import { keepMeasured } from '../../src/open/measured-formats.js'
import { settle, type Settled } from '../../src/open/settle.js'
import { buildGguf } from '../support/gguf-file.js'
import { tempFolder } from '../support/temp-folder.js'
import { tinyLlama } from '../support/tiny-llama.js'

const cacheDir = tempFolder()
const target = join(tempFolder(), 'model.gguf')
writeFileSync(target, buildGguf(tinyLlama()))

async function settled(given: Partial<EngineOptions> = {}): Promise<Settled & { told: string[] }> {
  const told: string[] = []
  const onProgress: EngineOptions['onProgress'] = ({ text }) => told.push(text)
  return { ...(await settle({ target, cacheDir, threads: 2, onProgress, ...given })), told }
}

test('where nothing was measured, the usual format and draft are taken, and nothing is told of them', async () => {
  const { options, draft, reasons, told } = await settled()
  assert.equal([options.format, draft, told], ['w8a8', { kind: 'ngram' }, []])
  assert.match(reasons.format, /^w8a8: /)
  assert.match(reasons.draft, /^ngram: /)
})

test('a format and a draft that were measured to be better are taken and told, the draft in that format', async () => {
  const on = { cacheDir, source: target, threads: 2 }
  const choice = { kind: 'none' } as const
  const measured = [{ name: 'none', greedy: 1, sampled: 1 }]
  await keepBestDraft({ ...on, format: 'q4', address: 'cpu' }, { name: 'none', choice, measured })
  assert.equal((await settled()).draft, { kind: 'ngram' }, 'the format is not that')
  await keepMeasured({ ...on, draft: 'auto' }, { w8a8: 40, q4: 60 })
  const { options, draft, reasons, told } = await settled()
  assert.equal([options.format, draft], ['q4', choice])
  assert.equal(told, [`format ${reasons.format}`, `draft ${reasons.draft}`])
})

test.run()
