import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bytesOf, memorySize, sizeText } from '../../../src/open/budget/size-text.js'

test('sizes are decimal, binary with an i, and nothing else', () => {
  assert.equal(
    ['120MB', '2GB', '1.5GiB', ' 64 kib', 1000, '7'].map((size) => memorySize('memory', size)),
    [120e6, 2e9, 1.5 * 2 ** 30, 65_536, 1000, 7],
  )
  for (const bad of ['', 'MB', '-1MB', '1e9', '2 horses', 0, -5, 1.5, null, {}, '0.1B'])
    assert.throws(() => memorySize('memory', bad), /memory must be a number of bytes or a size/)
})

test('a size that is none is null where a refusal is not wanted, and sizes are written in megabytes', () => {
  assert.equal([bytesOf('2 horses'), bytesOf('2MB')], [null, 2e6])
  assert.equal([sizeText(123_400_000), sizeText(2e9)], ['123.4 MB', '2000 MB'])
})

test.run()
