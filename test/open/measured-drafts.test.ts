import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type BestDraft,
  keepBestDraft,
  type MeasuredDraft,
  overall,
  quickestDraft,
  readBestDraft,
} from '../../src/open/measured-drafts.js'
import { tempFolder } from '../support/temp-folder.js'

const none = { name: 'none', greedy: 1, sampled: 1 }
const measured: MeasuredDraft[] = [none, { name: 'head', greedy: 1.5, sampled: 1.2 }]

/** A cache, a target and a draft in it that was found best. */
async function kept(choice?: BestDraft['choice']) {
  const cacheDir = tempFolder()
  const [source, draft] = ['model.gguf', 'draft.gguf'].map((name) => join(tempFolder(), name))
  for (const path of [source, draft]) writeFileSync(path, 'GGUF')
  const key = { cacheDir, source, threads: 2, format: 'w8a8', address: 'cpu' }
  const best: BestDraft = {
    name: 'head',
    choice: choice ?? { kind: 'model', source: draft, withNgrams: true },
    measured,
  }
  await keepBestDraft(key, best)
  return { key, draft, best }
}

test('the best draft is read as it was kept, for the same source, format, device and threads alone', async () => {
  const { key, best } = await kept()
  assert.equal(await readBestDraft(key), best)
  for (const other of [{ format: 'q4' }, { address: 'cuda:0' }, { threads: 1 }])
    assert.is(await readBestDraft({ ...key, ...other }), null, JSON.stringify(other))
  writeFileSync(key.source, 'GGUF again')
  assert.is(await readBestDraft(key), null)
})

test('a draft whose file is gone or was written anew is not what was measured', async () => {
  const { key, draft } = await kept()
  writeFileSync(draft, 'GGUF again')
  assert.is(await readBestDraft(key), null)
  rmSync(draft)
  assert.is(await readBestDraft(key), null)
})

test('no draft and n-grams alone need no file', async () => {
  for (const kind of ['none', 'ngram'] as const) {
    const { key } = await kept({ kind })
    assert.equal((await readBestDraft(key))!.choice, { kind })
  }
})

test('a damaged or foreign file counts for nothing', async () => {
  const { key, best } = await kept()
  const folder = join(key.cacheDir, 'drafts')
  const [file] = readdirSync(folder)
  const write = (value: unknown): void => writeFileSync(join(folder, file), JSON.stringify(value))
  const choice = { kind: 'none' }
  for (const wrong of [
    null,
    {},
    { ...best, choice: { kind: 'own', name: 'mine' } },
    { ...best, choice: { kind: 'model', source: 1, withNgrams: true } },
    { ...best, choice, stamp: null, name: 1 },
    { ...best, choice, stamp: null, measured: {} },
    { ...best, choice, stamp: null, measured: [{ ...none, greedy: 0 }] },
    { ...best, choice, stamp: null, measured: [{ ...none, sampled: 'much' }] },
    { ...best, choice, stamp: 'of a file' },
  ]) {
    write(wrong)
    assert.is(await readBestDraft(key), null, JSON.stringify(wrong))
  }
  write({ ...best, choice, stamp: null })
  assert.equal((await readBestDraft(key))!.choice, choice)
  writeFileSync(join(folder, file), '{')
  assert.is(await readBestDraft(key), null)
})

test('greedy and sampled text count alike', () => {
  assert.is(overall({ name: 'a', greedy: 2, sampled: 0.5 }), 1)
})

test('the quickest is taken; the usual one where the quickest is ahead of it by no more than noise', () => {
  const drafts = [none, { name: 'usual', greedy: 1.2, sampled: 1.2 }, { name: 'other', greedy: 1.3, sampled: 1.2 }]
  assert.is(quickestDraft(drafts, 'usual').name, 'usual')
  assert.is(quickestDraft(drafts, undefined).name, 'other')
  assert.is(quickestDraft([...drafts, { name: 'best', greedy: 1.3, sampled: 1.3 }], 'usual').name, 'best')
  assert.is(quickestDraft([none, { name: 'slow', greedy: 0.9, sampled: 0.9 }], 'slow').name, 'none')
})

test.run()
