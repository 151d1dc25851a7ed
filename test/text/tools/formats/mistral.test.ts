/** Mistral's calls: lists behind a token, ids left out; later releases name and arguments between tokens. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mistral } from '../../../../src/text/tools/formats/mistral.js'

test('ids that the template prints are no part of what the model writes', () => {
  const texts = {
    open: '[TOOL_CALLS] [{"name": "',
    middle: '", "arguments": ',
    next: ', "id": "call0sq01"}, {"name": "',
    close: ', "id": "call0sq02"}]',
  }
  assert.equal(mistral.read(texts), { ...texts, next: '}, {"name": "', close: '}]' })
  assert.is(mistral.read({ ...texts, next: null })?.next, null)
})

test('name and arguments between tokens are taken as they are; other openings are not its own', () => {
  const texts = { open: '[TOOL_CALLS]', middle: '[ARGS]', next: '[TOOL_CALLS]', close: '' }
  assert.equal(mistral.read(texts), texts)
  assert.is(mistral.read({ ...texts, open: '<tool_call>' }), null)
})

test.run()
