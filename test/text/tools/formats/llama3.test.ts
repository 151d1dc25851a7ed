/** Llama 3's calls: bare objects with parameters. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { llama3 } from '../../../../src/text/tools/formats/llama3.js'

test('a bare object with "parameters" is its own, one with "arguments" or in a list is not', () => {
  const texts = { open: '{"name": "', middle: '", "parameters": ', next: null, close: '}' }
  assert.equal(llama3.read(texts), texts)
  assert.is(llama3.read({ ...texts, middle: '", "arguments": ' }), null)
  assert.is(llama3.read({ ...texts, open: '[{"name": "' }), null)
})

test.run()
