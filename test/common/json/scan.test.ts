import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { endOfString, scan } from '../../../src/common/json/scan.js'

/** What a scan comes to, and how often it paused. */
function scanned(text: string): { needsCare: boolean; pauses: number } {
  const work = scan(text, true)
  for (let pauses = 0; ; pauses++) {
    const { done, value } = work.next()
    if (done) return { needsCare: value, pauses }
  }
}

test('long numbers, exponents and names that are numbers need care, wherever they stand', () => {
  for (const text of ['1234567890123456', '[1.00000000000000]', '[1,2e5]', '[2E5]', '{"a":{"1":0}}', '{"\\u0031" : 0}'])
    assert.ok(scanned(text).needsCare, text)
})

test('what stands in texts needs none, and neither do words and short numbers', () => {
  for (const text of [
    '"1e5 12345678901234567890"',
    '["1",true,false]',
    '{"a1":"1"}',
    '[0.5,-12]',
    '{"\\"1":0}',
    '',
    '"',
  ])
    assert.not(scanned(text).needsCare, text)
})

test('it pauses in long texts', () => {
  assert.is(scanned('[1]').pauses, 0)
  assert.ok(scanned(`[${'1,'.repeat(140_000)}1]`).pauses > 1)
})

test('a string ends at its own quote, and with the text where it has none', () => {
  assert.is(endOfString('"a\\"b\\\\" x', 0), 8)
  assert.is(endOfString('"a\\"', 0), 4)
})

test.run()
