import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { CheckedOptions } from '../../src/open/check-options.js'
import { chosenDraft } from '../../src/open/chosen-draft.js'
import { keepBestDraft } from '../../src/open/measured-drafts.js'
import { tempFolder } from '../support/temp-folder.js'
import { optionsWith } from './support.js'

function files() {
  const [target, head] = ['model.gguf', 'head.gguf'].map((name) => join(tempFolder(), name))
  for (const path of [target, head]) writeFileSync(path, 'GGUF')
  return { target, head, cacheDir: tempFolder() }
}

/** Remembers a head as the best draft of these options' target. */
async function remember(options: CheckedOptions, head: string): Promise<void> {
  const { cacheDir, target, threads, format, address } = options
  await keepBestDraft(
    { cacheDir, source: target, threads, format, address },
    {
      name: 'head + ngram',
      choice: { kind: 'model', source: head, withNgrams: true },
      measured: [
        { name: 'none', greedy: 1, sampled: 1 },
        { name: 'head + ngram', greedy: 1.512, sampled: 1.2 },
      ],
    },
  )
}

test('a draft that was asked for is taken, and its target not even looked for', async () => {
  const { choice, why } = await chosenDraft(optionsWith({ target: 'nowhere.gguf', draft: 'ngram' }))
  assert.equal([choice, why], [{ kind: 'ngram' }, 'ngram: it was asked for'])
})

test('what was measured to be best is taken as long as its files are there, and said with its figures', async () => {
  const { target, head, cacheDir } = files()
  const options = optionsWith({ target, cacheDir })
  await remember(options, head)
  const { choice, why } = await chosenDraft(options)
  assert.equal(choice, { kind: 'model', source: head, withNgrams: true })
  assert.is(
    why,
    'head + ngram: "sequoia tune" measured, greedy and sampled, times plain decoding on this machine, ' +
      '1.00 and 1.00 by none, 1.51 and 1.20 by head + ngram',
  )
  rmSync(head)
  const { choice: without, why: usual } = await chosenDraft(options)
  assert.equal([without, usual], [{ kind: 'ngram' }, 'ngram: no model is known to draft for this one'])
})

test('under a budget of memory, in another format, or where a draft is named, nothing measured counts', async () => {
  const { target, head, cacheDir } = files()
  await remember(optionsWith({ target, cacheDir }), head)
  for (const given of [{ memory: 1e9 }, { format: 'q4' }, { draft: 'none' }] as const)
    assert.is.not((await chosenDraft(optionsWith({ target, cacheDir, ...given }))).choice.kind, 'model')
})

test('why the usual draft is taken is said', async () => {
  const { target, cacheDir } = files()
  const shipped = await chosenDraft(optionsWith({ target: 'micro', cacheDir }))
  assert.is(shipped.why, 'micro-draft: it ships for this model')
  const found = await chosenDraft({ ...optionsWith({ target, cacheDir }), sibling: '/cache/small.gguf' })
  assert.is(found.why, "small.gguf: it was pulled, and has this model's tokens")
  const limited = await chosenDraft(optionsWith({ target, cacheDir, memory: 1e9 }))
  assert.is(limited.why, 'ngram: memory is limited')
})

test.run()
