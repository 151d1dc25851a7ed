/** Hermes' calls: elements. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hermes } from '../../../../src/text/tools/formats/hermes.js'

test('calls in <tool_call> are its own, whatever the blanks around them', () => {
  const texts = { open: '<tool_call>\n{"name": "', middle: '", "arguments": ', next: null, close: '}\n</tool_call>' }
  assert.equal(hermes.read(texts), texts)
  assert.is(hermes.read({ ...texts, open: '<calls>[{"name": "' }), null)
})

test.run()
