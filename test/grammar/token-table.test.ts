import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { tokenTable, type TokenTable } from '../../src/grammar/token-table.js'

async function tableOf(texts: readonly string[]): Promise<TokenTable> {
  const tokens = texts.map((text) => Buffer.from(text))
  return tokenTable(
    Buffer.concat(tokens),
    Uint32Array.from(tokens, ({ length }) => length),
  )
}

test('tokens lie end to end, those without text too', async () => {
  const { bytes, starts } = await tableOf(['ab', '', 'é'])
  assert.equal([...starts], [0, 2, 2, 4])
  assert.is(Buffer.from(bytes.subarray(starts[2], starts[3])).toString(), 'é')
})

test('what a token would be inside a string: characters up to a quote that is not escaped', async () => {
  const cases: [string, number, boolean][] = [
    ['', 0, false],
    ['abc', 3, false],
    ['é😀', 2, false],
    ['ab"cd', 2, true],
    ['"', 0, true],
    ['\\"a', 2, false],
    ['\\\\"', 1, true],
    ['\\u0022x', 2, false],
    ['a\\', 2, false],
    ['\\u00', 1, false],
  ]
  const { inside, closing } = await tableOf(cases.map(([text]) => text))
  cases.forEach(([text, characters, closes], token) => {
    assert.is(inside[token], characters, text)
    assert.is(closing.includes(token), closes, text)
  })
})

test('all tokens are listed once, the longest first', async () => {
  const { inside, longest } = await tableOf(['a', 'abcd', '', 'abc"defghi', 'xy', 'abcd'])
  assert.equal([...longest].sort(), [0, 1, 2, 3, 4, 5])
  assert.equal(
    Array.from(longest, (token) => inside[token]),
    [4, 4, 3, 2, 1, 0],
  )
})

test('more tokens than are read in one go are all there', async () => {
  const count = 8192 + 3
  const { starts, inside } = await tableOf(Array.from({ length: count }, () => 'ab'))
  assert.is(starts[count], 2 * count)
  assert.ok(inside.every((characters) => characters === 2))
})

test.run()
