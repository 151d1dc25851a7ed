/** Alternatives that begin and end alike take what they spell and no more, in the library as it runs here. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plainGrammar } from '../../src/grammar/answer-grammar.js'
import { Grammars } from '../../src/grammar/grammars.js'
import { integerRange } from '../../src/grammar/number-range.js'
import { withoutMerging } from '../../src/grammar/without-merging.js'
import { RuntimeError } from '../../src/spec/errors.js'
import { words } from './support/words.js'

const VOCAB = 256
const STOP = VOCAB - 1
const grammars = new Grammars(words(VOCAB))
test.after(() => grammars.close())

/** How many characters of the text may come, one after the other, and whether the answer may end there. */
async function taken(expression: string, text: string): Promise<[characters: number, mayEnd: boolean]> {
  const mask = await grammars.mask(plainGrammar(`root ::= ${expression}`))
  const allowed = (token: number): boolean => {
    const row = new Float32Array(VOCAB)
    mask.apply(row)
    return row[token] === 0
  }
  let characters = 0
  while (characters < text.length && allowed(text.charCodeAt(characters))) mask.push(text.charCodeAt(characters++))
  const mayEnd = allowed(STOP)
  mask.dispose()
  return [characters, mayEnd]
}

test('counted digits in alternatives keep to their counts, whatever the order of the alternatives', async () => {
  const digits = '7'.repeat(20)
  for (const [expression, text, longest] of [
    ['"-" [0-9]{4} | [0-9]{3} | [0-9]{4}', digits, 4],
    ['"-" [0-9]{4} | [0-9]{3} | [0-9]{4}', `-${digits}`, 5],
    ['"-" [1-9] [0-9]{8} | [1-9] [0-9]{6} | [1-9] [0-9]{8}', digits, 9],
    ['[1-9]{3} | [0-9]{3} [0-9]{2} | [0-9] | "-"{6} | [0-9]{3}', digits, 5],
    ['[0-9]{2} | [0-9]{4} | [0-9]{3} | [0-9] "-"{2}', digits, 4],
    ['[1-9]{3,4} | [0-9]{4} | "-"{2,5} "-"{4} | [0-9]{3}', digits, 4],
  ] as const)
    assert.equal(await taken(expression, text), [longest, true], `${expression} of ${text}`)
})

test('alternatives of other lengths do not end early', async () => {
  const expression = '[0-9]{4} [0-9]{6} [0-9]{6,7} | [0-9]{5} | [0-9]{3} | "-"{4,7}'
  for (const [digits, mayEnd] of [
    [3, true],
    [4, false],
    [5, true],
    [6, false],
    [15, false],
    [16, true],
  ] as const)
    assert.equal(await taken(expression, '1'.repeat(digits)), [digits, mayEnd])
})

test('whole numbers of common ranges stay within their bounds', async () => {
  for (const [least, most] of [
    [-(2 ** 15), 2 ** 15 - 1],
    [-(2 ** 31), 2 ** 31 - 1],
    [-99_999, 99_999],
    [0, 2 ** 32 - 1],
  ]) {
    const range = integerRange(least, most)
    for (const text of ['1', '2', '9', '-1', '-2', '-9'].map((head) => head.padEnd(20, '0'))) {
      const [characters] = await taken(range, text)
      const number = characters === 0 ? 0 : Number(text.slice(0, characters))
      assert.ok(number >= least && number <= most, `${number} in ${least}..${most}`)
    }
  }
})

test('another version of the library is refused', () => {
  assert.throws(
    () => withoutMerging(Buffer.alloc(100)),
    (error: Error) => error instanceof RuntimeError,
  )
})

test.run()
