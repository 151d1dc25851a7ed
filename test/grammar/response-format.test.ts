/** Which forms of an answer there are, what each takes, and what is refused before a grammar is compiled. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { answerGrammar, type ResponseFormat } from '../../src/grammar/response-format.js'
import { matcher } from './support/expression.js'

const isRefused =
  (words: RegExp) =>
  (error: unknown): boolean =>
    error instanceof InvalidArgumentError && error.param === 'responseFormat' && words.test(error.message)

const rootOf = (format: ResponseFormat): string => answerGrammar(format)!.text.replace('root ::= ', '')

test('text of any form needs no grammar; JSON mode, patterns and choices need nothing counted beside theirs', () => {
  assert.is(answerGrammar({ type: 'text' }), null)
  for (const format of [
    { type: 'json_object' },
    { type: 'regex', pattern: 'a+' },
    { type: 'choice', choices: ['a'] },
  ] as const)
    assert.is(answerGrammar(format)!.counted, null, format.type)
})

test('a schema has a counter where it asks for lengths, and only there', () => {
  const counter = (schema: object): unknown => answerGrammar({ type: 'json_schema', schema })!.counted
  assert.not(counter({ type: 'string', maxLength: 5 }) === null)
  assert.is(counter({ type: 'string' }), null)
})

test('a choice is one of its texts, spelled exactly', () => {
  const takes = matcher(rootOf({ type: 'choice', choices: ['yes', 'no "way"', 'é\n'] }))
  for (const text of ['yes', 'no "way"', 'é\n']) assert.ok(takes(text))
  for (const text of ['ye', 'yes!', 'maybe', '']) assert.not(takes(text))
})

test("a grammar of one's own is taken as it is", () => {
  const grammar = '# sums\nroot ::= term ("+" term)*\nterm ::= [0-9]+'
  assert.is(answerGrammar({ type: 'grammar', grammar })!.text, grammar)
})

test('what lacks its part is refused by what was expected', () => {
  const cases: [unknown, RegExp][] = [
    [{ type: 'xml' }, /text, json_object, json_schema, regex, choice or grammar; got "xml"/],
    [{}, /its type must be/],
    [null, /its type must be/],
    ['json', /its type must be/],
    [{ type: 'regex' }, /a regex has a "pattern"/],
    [{ type: 'choice', choices: [] }, /a list of non-empty strings/],
    [{ type: 'choice', choices: ['a', ''] }, /a list of non-empty strings/],
    [{ type: 'grammar' }, /a grammar has a "grammar"/],
    [{ type: 'json_schema' }, /an object, true or false/],
  ]
  for (const [format, words] of cases) assert.throws(() => answerGrammar(format as ResponseFormat), isRefused(words))
})

test('half a character is refused wherever text is given', () => {
  for (const format of [
    { type: 'choice', choices: ['a', 'b\ud83d'] },
    { type: 'grammar', grammar: 'root ::= "\ude00"' },
    { type: 'regex', pattern: '\ud83d' },
  ] as const)
    assert.throws(() => answerGrammar(format), isRefused(/half a character/))
})

test('grammars made here are held to the same bounds as given ones', () => {
  const pattern = '((a{1,1000}){1,1000}){1,1000}'
  assert.throws(() => answerGrammar({ type: 'regex', pattern }), isRefused(/multiply to more than 10000/))
  const choices = Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(1000, 'x'))
  assert.throws(() => answerGrammar({ type: 'choice', choices }), isRefused(/at most 200000/))
  const anyOf = Array.from({ length: 3000 }, (_, i) => ({ const: `${i}`.padEnd(100, 'x') }))
  assert.throws(() => answerGrammar({ type: 'json_schema', schema: { anyOf } }), isRefused(/at most 200000/))
})

test.run()
