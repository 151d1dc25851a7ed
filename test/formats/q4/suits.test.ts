import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { suits } from '../../../src/formats/q4/suits.js'
import type { MachineFacts, SourceFacts } from '../../../src/formats/weight-format.js'

const FILE: SourceFacts = { weights: 1.1e9, fourBitShare: 0.9 }
const MACHINE: MachineFacts = { arch: 'x64', extensions: ['avx2', 'avx512f', 'avx512_vnni'], memoryBytes: 16e9 }

const cases: [
  what: string,
  source: Partial<SourceFacts>,
  machine: Partial<MachineFacts>,
  fits: boolean,
  why: RegExp,
][] = [
  ['a large 4-bit file with VNNI', {}, {}, true, /read 1\.1 billion weights/],
  ['the same with AVX-VNNI alone', {}, { extensions: ['avx2', 'avx_vnni'] }, true, /half of 8/],
  ['floats', { fourBitShare: 0 }, {}, false, /^0 % of the weights are in 4 bits/],
  ['a mix of more bits', { fourBitShare: 0.3 }, {}, false, /^30 %/],
  ['a small model', { weights: 135e6 }, {}, false, /from 400 million weights on, and this model has 135 million/],
  ['AMX', {}, { extensions: ['avx2', 'avx512_vnni', 'amx_int8'] }, false, /AMX/],
  ['AVX2 alone', {}, { extensions: ['avx2'] }, false, /sequoia tune --format all/],
  ['Arm', {}, { arch: 'arm64', extensions: ['asimddp', 'i8mm'] }, false, /sequoia tune --format all/],
  ['a system that does not tell', {}, { extensions: null }, false, /sequoia tune --format all/],
  ['little memory', { weights: 7e9 }, { memoryBytes: 8e9, extensions: ['avx2'] }, true, /7\.0 billion.* do not/],
  [
    'little memory and AMX',
    { weights: 7e9 },
    { memoryBytes: 8e9, extensions: ['amx_int8'] },
    true,
    /memory of 8\.0 GB/,
  ],
  ['too little memory for either', { weights: 70e9 }, { memoryBytes: 8e9 }, true, /read 70\.0 billion/],
  ['little memory and floats', { weights: 7e9, fourBitShare: 0 }, { memoryBytes: 8e9 }, false, /would lose/],
]

for (const [what, source, machine, fits, why] of cases)
  test(`${what}: ${fits ? '4 bits' : 'no'}`, () => {
    const verdict = suits({ ...FILE, ...source }, { ...MACHINE, ...machine })
    assert.is(verdict.fits, fits)
    assert.match(verdict.why, why)
    assert.is(verdict.isNeeded === true, /memory of/.test(verdict.why), 'needed where memory is what speaks for it')
  })

test.run()
