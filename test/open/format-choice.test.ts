import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { chooseFormat, type FormatFacts } from '../../src/open/format-choice.js'

const LARGE = { weights: 1.1e9, fourBitShare: 1 }
const USUAL: FormatFacts = {
  device: 'cpu',
  hasBudget: false,
  draft: 'ngram',
  measured: null,
  source: null,
  machine: { arch: 'x64', extensions: ['avx2', 'avx512_vnni'], memoryBytes: 16e9 },
}
const AVX2 = { ...USUAL.machine, extensions: ['avx2'] }
const LITTLE = { ...AVX2, memoryBytes: 1.2e9 }

const cases: [what: string, facts: Partial<FormatFacts>, format: string, why: RegExp][] = [
  ['a small model', {}, 'w8a8', /small model/],
  ['a small model with a draft', { draft: 'model' }, 'w8a8', /trees of a draft model/],
  ['a GPU', { device: 'cuda', hasBudget: true, source: LARGE }, 'fp16', /device "cuda"/],
  ['a budget of memory', { hasBudget: true, source: LARGE }, 'w8a8', /read from disk/],
  ['a large 4-bit file', { source: LARGE }, 'q4', /1\.1 billion/],
  ['the same with plain decoding', { source: LARGE, draft: 'none' }, 'q4', /1\.1 billion/],
  ['the same with a draft model', { source: LARGE, draft: 'model' }, 'w8a8', /trees of a draft model/],
  [
    'the same with AVX2 alone',
    { source: LARGE, machine: AVX2 },
    'w8a8',
    /not q4, for without VNNI the arithmetic .*"sequoia tune/,
  ],
  ['one that fits in memory in 4 bits alone', { source: LARGE, machine: LITTLE }, 'q4', /memory of 1\.2 GB/],
  ['the same with a draft model', { source: LARGE, machine: LITTLE, draft: 'model' }, 'q4', /memory of 1\.2 GB/],
  ['floats', { source: { ...LARGE, fourBitShare: 0 } }, 'w8a8', /not q4, for 0 %/],
  ['q4 was quicker', { measured: { w8a8: 40, q4: 50 } }, 'q4', /measured 40\.0 tokens\/s in w8a8 and 50\.0 .* in q4/],
  ['quicker with a draft model as well', { measured: { w8a8: 40, q4: 50 }, draft: 'model' }, 'q4', /measured/],
  ['q4 was slower', { measured: { w8a8: 40, q4: 30 }, source: LARGE }, 'w8a8', /measured/],
  ['q4 was quicker by noise alone', { measured: { w8a8: 40, q4: 41 } }, 'w8a8', /measured/],
  ['only q4 was measured', { measured: { q4: 50 } }, 'w8a8', /small model/],
  [
    'fp32 was quickest: its bits promise nothing',
    { measured: { w8a8: 40, fp32: 90 } },
    'w8a8',
    /40\.0 tokens\/s in w8a8 on/,
  ],
  ['a format was measured that is no more', { measured: { w8a8: 40, q3: 90 } }, 'w8a8', /40\.0 tokens\/s in w8a8 on/],
]

for (const [what, facts, format, why] of cases)
  test(`${what}: ${format}`, () => {
    const choice = chooseFormat({ ...USUAL, ...facts })
    assert.is(choice.format, format)
    assert.match(choice.why, why)
    assert.ok(choice.why.startsWith(`${format}: `), choice.why)
  })

test.run()
