import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { rawPrompt, tokenIds } from '../../src/serve/token-lists.js'
import { firstFault } from '../../src/serve/validate.js'

const told = (schema: z.ZodType, value: unknown): string | undefined =>
  firstFault(z.object({ list: schema }), { list: value })?.message

test('lists of token ids are taken as they came', () => {
  const list = [0, 5, 5]
  assert.is(tokenIds().parse(list), list)
  assert.equal(tokenIds().parse([]), [])
  assert.is(told(tokenIds(1, 3), list), undefined)
})

test('the first fault of a list is told, with its place', () => {
  for (const [value, words] of [
    ['7', 'list must be a list; got "7"'],
    [[1, -1, 'x'], 'list[1] must be at least 0; got -1'],
    [[0.5], 'list[0] must be a whole number; got 0.5'],
    [[1, '2'], 'list[1] must be a whole number; got "2"'],
    [[2 ** 53], 'list[0] must be at most 9007199254740991; got 9007199254740992'],
    [[], 'list must not be empty; got []'],
    [[1, 2, 3, 4], 'list must have at most 3 entries; got [1,2,3,4]'],
  ] as const)
    assert.is(told(tokenIds(1, 3), value), words)
})

test('a prompt is one text, by itself or in a list, or token ids', () => {
  for (const prompt of ['', 'x', ['x'], [1, 2]]) assert.is(told(rawPrompt, prompt), undefined)
  for (const prompt of [[], ['a', 'b'], [[1]], 5, {}, null]) assert.match(told(rawPrompt, prompt)!, /must be one text/)
  assert.is(told(rawPrompt, [1, 'x']), 'list[1] must be a whole number; got "x"')
})

test.run()
