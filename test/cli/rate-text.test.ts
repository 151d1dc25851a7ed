import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rateText } from '../../src/cli/rate-text.js'

test('tokens by the time they took, and none where it took none', () => {
  assert.is(rateText({ tokens: 69, decodeMs: 2000 }), '34.5 tokens/s')
  assert.is(rateText({ tokens: 1, decodeMs: 0 }), '0.0 tokens/s')
})

test.run()
