/** What the library would take wrongly or never finish is found in the text before it. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { faultOf } from '../../src/grammar/check-text.js'

const rules = (text: string): string => `root ::= ${text}`

test('a text may have 200,000 characters', () => {
  const filled = (length: number): string => rules('"').padEnd(length - 1, 'a') + '"'
  assert.is(faultOf(filled(200_000)), null)
  assert.match(faultOf(filled(200_001))!, /200001 characters, at most 200000/)
})

test('counts that lie in each other may multiply to 10,000, through rules too', () => {
  const chained = (inner: number): string => `root ::= a{1,100}\na ::= b{${inner}} | "x"\nb ::= "y"`
  for (const fine of [rules('("a"{1,100}){1,100}'), chained(100), rules('"a"{10000}'), rules('"a"{9000} "b"{9000}')])
    assert.is(faultOf(fine), null, fine)
  for (const text of [
    rules('("a"{1,100}){1,101}'),
    rules('(("a"{1,1000}){1,1000})'),
    chained(101),
    rules('"a"{10001}'),
    'root ::= root{20} "a" | a{500}\na ::= b{30}\nb ::= "x"',
  ])
    assert.match(faultOf(text)!, /multiply to more than 10000/, text)
})

test('braces in literals, classes and comments count nothing', () => {
  assert.is(faultOf('root ::= "[é{1,99999}" ({1,3}) a{1,100} # [é]\na ::= [a-z\\]]{1,100} root?'), null)
})

test('classes beyond ASCII are refused, however they are spelled', () => {
  for (const set of ['[à-ü]', '[\\u00e0-\\u00ff]', '[^é]', '[\\x80]', '[a\\U0001f600]'])
    assert.match(faultOf(rules(set))!, /beyond ASCII/, set)
  for (const fine of ['[a-z]', '[^a]', '[\\u0041-\\x5a]', '"é"']) assert.is(faultOf(rules(fine)), null, fine)
})

test('a number that is no character of its own is refused, in texts and in classes', () => {
  for (const text of ['"\\ud83d x"', '"\\ud83d\\ude00"', '"\\U0000dc00"', '"\\U00110000"', '[a\\ud83d]', '"\\xd800"'])
    assert.match(faultOf(rules(text))!, /no character's/, text)
  for (const fine of ['"\\U0001f600"', '"\\ud7ff\\ue000"', '"\\\\ud83d"', '[\\\\ud83]'])
    assert.is(faultOf(rules(fine)), null, fine)
})

test('a hundred groups may lie in each other', () => {
  const nested = (depth: number): string => rules(`${'('.repeat(depth)}"a"${')'.repeat(depth)}`)
  assert.is(faultOf(nested(100)), null)
  for (const depth of [101, 5000]) assert.match(faultOf(nested(depth))!, /more than 100 of its groups/)
  assert.is(faultOf(rules(Array.from({ length: 500 }, () => '("a")').join(' '))), null)
})

test('a rule that produces nothing is named', () => {
  assert.match(faultOf('root ::= "x" | a\na ::= a "y"')!, /the rule "a" produces nothing/)
})

test('rules that lead to each other by the thousand are looked at without recursion', () => {
  const chain = Array.from({ length: 9000 }, (_, i) => `r${i} ::= r${i + 1}`)
  assert.is(faultOf(['root ::= r0', ...chain, 'r9000 ::= "x"'].join('\n')), null)
})

test.run()
