/** What an error says about families that cannot run. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { architectures } from '../../src/architectures/index.js'
import { unsupported } from '../../src/architectures/unsupported.js'

test('a family that is known of is explained, with what would do instead', () => {
  assert.is(
    unsupported('qwen3moe'),
    ': it chooses among experts, which this release does not have; a dense Qwen 3 would do',
  )
})

test('names that nobody listed, and things that are no names, add nothing to an error', () => {
  for (const name of ['unheard-of', 'toString', '', 3, null, undefined]) assert.is(unsupported(name), '')
})

test('no family that runs is called unsupported', () => {
  for (const { huggingFace, gguf } of architectures)
    for (const name of [...huggingFace, gguf]) assert.is(unsupported(name), '')
})

test.run()
