import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { explicitRules } from '../../src/text/split-rules.js'

/** The pattern of the one split in a rule. */
const patternOf = (rule: unknown): RegExp => {
  const found = /"Regex":("(?:\\.|[^"\\])*")/.exec(JSON.stringify(rule))
  return new RegExp(JSON.parse(found![1]) as string, 'gu')
}

test('digits are numeric characters of every script, one by one or in runs', () => {
  const digits = (individual_digits: boolean): RegExp =>
    patternOf(explicitRules({ type: 'Digits', individual_digits }, []))
  assert.equal('a12٣½'.match(digits(true)), ['1', '2', '٣', '½'])
  assert.equal('a12٣½'.match(digits(false)), ['12٣½'])
})

test("GPT-2's rule is spelled out, and bytes are mapped after it", () => {
  const rule = { type: 'ByteLevel', add_prefix_space: false, use_regex: true }
  const spelled = explicitRules(rule, []) as { pretokenizers: unknown[] }
  assert.equal("I'll go  on 12!".match(patternOf(spelled)), ['I', "'ll", ' go', ' ', ' on', ' 12', '!'])
  assert.equal(spelled.pretokenizers[1], { ...rule, use_regex: false })
})

test('rules inside sequences are spelled out as well; what needs nothing stays as it is', () => {
  const split = { type: 'Split', pattern: { Regex: 'x' }, behavior: 'Isolated', invert: false }
  const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false }
  const digits = { type: 'Digits', individual_digits: true }
  for (const rule of [null, split, bytes, { type: 'ByteLevel', add_prefix_space: true }])
    assert.equal(explicitRules(rule, []), rule)
  const { pretokenizers } = explicitRules({ type: 'Sequence', pretokenizers: [digits, bytes] }, []) as {
    pretokenizers: unknown[]
  }
  assert.equal(pretokenizers, [explicitRules(digits, []), bytes])
})

test('bytes that are no tokens are taken out after splitting', () => {
  const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false }
  assert.equal(explicitRules(bytes, ['A', 'Ġ']), {
    type: 'Sequence',
    pretokenizers: [bytes, { type: 'Replace', pattern: { Regex: '[\\x{41}\\x{120}]' }, content: '' }],
  })
})

test.run()
