/** Regular expressions as grammars against JavaScript's own. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import type { AnswerGrammar } from '../../src/grammar/answer-grammar.js'
import { answerGrammar } from '../../src/grammar/response-format.js'
import { uniforms } from '../core/support/builders.js'
import { accepts, randomText } from './support/bytes.js'

const PATTERNS = [
  'abc',
  '^abc$',
  'a*b+c?',
  '(a|bc)+d',
  '(?:x|(?<name>y)){2,3}',
  '[a-c0-9_]{2}',
  '[^a-z]',
  '\\d{3}-\\w+',
  '[\\d.]+',
  '\\s\\S',
  'a.c',
  '\\u00e9+',
  '\\u{1F600}',
  '\\x41[\\x42-\\x44]',
  'a\\.b\\*\\\\',
  '[\\]\\-x]',
  '[-a]',
  '[a-]',
  'é|ü|',
  'a{0}b',
  'a{2,}',
  '(a*)*b',
  'x??y',
  '"quoted"\\n',
  '\\$5\\$',
  '[\\b]',
  '(?:[01]?\\d|2[0-3]):[0-5]\\d',
]
const TEXTS = [
  'abc',
  'b',
  'aab',
  'abbc',
  'bcd',
  'abcd',
  'xy',
  'yyx',
  'a_',
  '9c',
  'A',
  '5',
  '123-a_9',
  '1.5',
  ' x',
  'a\nc',
  'aéc',
  'éé',
  '😀',
  'AC',
  'AE',
  'a.b*\\',
  ']',
  '-',
  '',
  'ü',
  'aaa',
  '"quoted"\n',
  '$5$',
  '\b',
  '23:59',
  '24:00',
  '7:05',
]

const grammarOf = (pattern: string): AnswerGrammar => answerGrammar({ type: 'regex', pattern })!

test('a grammar takes what the expression matches as a whole, and nothing else', async () => {
  for (const pattern of PATTERNS) {
    const whole = new RegExp(`^(?:${pattern.replace(/^\^|(?<!\\)\$$/g, '')})$`, 'u')
    for (const text of TEXTS)
      assert.is(await accepts(grammarOf(pattern), text), whole.test(text), `${pattern} on ${JSON.stringify(text)}`)
  }
})

test('whatever a grammar makes matches (20 random texts for each pattern)', async () => {
  const uniform = uniforms(3)
  let made = 0
  for (const pattern of PATTERNS) {
    for (let i = 0; i < 20; i++) {
      const text = await randomText(grammarOf(pattern), uniform, 20)
      if (text === null) continue
      made += 1
      assert.ok(
        new RegExp(`^(?:${pattern.replace(/^\^|(?<!\\)\$$/g, '')})$`, 'u').test(text),
        `${pattern} made ${JSON.stringify(text)}`,
      )
    }
  }
  assert.ok(made > 15 * PATTERNS.length)
})

test('what is no regular expression, or not regular, is refused with the reason', () => {
  const cases: [string, RegExp][] = [
    ['(a', /without its "\)"/],
    ['a)', /without its "\("/],
    ['[a', /ends in the middle/],
    ['*a', /nothing to repeat/],
    ['a**', /in a row/],
    ['(?=a)b', /looks ahead/],
    ['(?<!a)b', /looks behind/],
    ['(a)\\1', /"\\1"/],
    ['\\bfoo', /"\\b"/],
    ['a{2,1}', /wrong way round/],
    ['a{x}', /no repetition/],
    ['a{1001}', /at most 1000/],
    ['a^b', /at the ends/],
    ['(a$)b', /at the ends/],
    ['a$b', /at the ends/],
    ['(^a|b)', /at the ends/],
    ['^\ud83d end$', /half a character/],
    [`${'('.repeat(2300)}a${')'.repeat(2300)}`, /groups in each other/],
    ['[b-a]', /does not ascend/],
    ['[]', /no character matches/],
    ['\\uD800', /half a character/],
    ['\\u{110000}', /character's number/],
    ['\\p{L}', /"\\p"/],
    ['a\\', /ends in the middle/],
  ]
  for (const [pattern, words] of cases) {
    try {
      grammarOf(pattern)
      assert.unreachable(pattern)
    } catch (error) {
      assert.instance(error, InvalidArgumentError, pattern)
      assert.match((error as Error).message, words)
    }
  }
})

test.run()
