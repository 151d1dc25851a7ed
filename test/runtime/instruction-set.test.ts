import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { instructionSet } from '../../src/runtime/instruction-set.js'
import { tempFolder } from '../support/temp-folder.js'

function described(text: string): string {
  const path = join(tempFolder(), 'cpuinfo')
  writeFileSync(path, text)
  return path
}

test('names the extensions that matter, in a fixed order, of x64 and of Arm', () => {
  assert.equal(instructionSet(described('model name\t: A\nflags\t\t: fpu avx512f sse avx2 avx2x\n')), [
    'avx2',
    'avx512f',
  ])
  assert.equal(instructionSet(described('Features\t: fp asimd asimddp sve2\n')), ['asimddp'])
})

test('a description without extensions has none, and none at all is not known', () => {
  assert.equal(instructionSet(described('processor : 0\n')), [])
  assert.is(instructionSet(join(tempFolder(), 'missing')), null)
})

test.run()
