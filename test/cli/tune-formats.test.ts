import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatsFlag, keepRates } from '../../src/cli/tune-formats.js'
import { chosenFormat } from '../../src/open/chosen-format.js'
import { optionsWith } from '../open/support.js'
import { tempFolder } from '../support/temp-folder.js'

const read = (given: string): readonly string[] => formatsFlag.read(given, '--format')

test('all are those that promise the same text with trees as without; names are taken as they stand', () => {
  assert.equal(read('all'), ['w8a8', 'q4'])
  assert.equal(read('fp32,q4'), ['fp32', 'q4'])
  assert.equal(read('auto'), ['auto'])
})

test('unknown names, names given twice and "auto" beside others are refused', () => {
  for (const wrong of ['q3', 'q4,q4', 'auto,q4', '', 'all,q4'])
    assert.throws(() => read(wrong), /--format must be auto, all, or names of fp32, fp16, w8a8, q4/, wrong)
})

test('mean rates are kept, and a later opening of the same model and draft takes the quickest', async () => {
  const [cacheDir, model] = [tempFolder(), join(tempFolder(), 'model.gguf')]
  writeFileSync(model, 'GGUF')
  const rates = [40, 50, 56, 42].map((tokensPerSecond, i) => ({
    format: ['w8a8', 'q4', 'q4', 'w8a8'][i],
    tokensPerSecond,
  }))
  const choice = await keepRates({ model, draft: 'none' }, rates, { cacheDir })
  assert.equal([choice.format, choice.tokensPerSecond], ['q4', { w8a8: 41, q4: 53 }])
  assert.is((await chosenFormat(optionsWith({ target: model, draft: 'none', cacheDir }))).why, choice.why)
})

test.run()
