import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { textMethod } from '../../../src/text/jinja/text-methods.js'
import type { Value } from '../../../src/text/jinja/values.js'
import { rendersAlike } from '../../support/rendered.js'

rendersAlike('text methods')

const run = (text: string, name: string, ...args: Value[]): Value => textMethod(text, name)!(args, new Map())

test('separators are not empty, and texts are filled with single characters', () => {
  for (const name of ['partition', 'rpartition', 'split', 'rsplit'])
    assert.throws(() => run('a', name, ''), /empty separator/)
  assert.is(run('a', 'rjust', 3n, '😀'), '😀😀a')
  for (const fill of ['', 'ab']) assert.throws(() => run('a', 'ljust', 3n, fill), /exactly one character long/)
})

test('what Python has and chat templates have no use for is refused by name, what it has not is no method', () => {
  assert.throws(() => textMethod('a', 'encode'), /the method str.encode is not known here/)
  assert.is(textMethod('a', 'nothing'), undefined)
})

test.run()
