import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { logprobsOf } from '../../src/sampling/logprobs.js'
import { core, place, randomLogits } from '../core/support/builders.js'
import { noText } from './support/no-text.js'

test('log probabilities are those of the softmax, also of tokens whose probability no float holds', () => {
  const logits = randomLogits(50, 4)
  logits[7] = -300
  const row = place(logits)
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
  for (const chosen of [3, 7, 21]) {
    const { logprob } = logprobsOf(core, noText, row, 50, chosen, 0)
    assert.ok(Math.abs(logprob - (logits[chosen] - Math.log(sum))) < 1e-5, `${chosen}: ${logprob}`)
  }
})

test('as many of the likeliest as asked for stand beside the chosen one, likeliest first', () => {
  const row = place([1, 4, 3, 2])
  const { token, top } = logprobsOf(core, noText, row, 4, 0, 3)
  assert.is(token, 0)
  assert.equal(
    top.map((one) => one.token),
    [1, 2, 3],
  )
  assert.equal(logprobsOf(core, noText, row, 4, 0, 0).top, [])
})

test('a certain token has exactly 0', () => {
  assert.is(logprobsOf(core, noText, place([200, 0]), 2, 0, 1).logprob, 0)
})

test('a token without bytes is a special one, and is given with its spelling', () => {
  const tokenizer = {
    ...noText,
    bytes: (token: number) => (token === 1 ? new Uint8Array(0) : noText.bytes(token)),
    decode: (tokens: ArrayLike<number>, { special = false } = {}) =>
      tokens[0] === 1 ? (special ? '<end>' : '') : noText.decode(tokens),
  }
  const row = place([0, 1])
  const special = logprobsOf(core, tokenizer, row, 2, 1, 0)
  assert.equal([special.text, special.isSpecial], ['<end>', true])
  assert.equal([...special.bytes], [...Buffer.from('<end>')])
  const plain = logprobsOf(core, tokenizer, row, 2, 0, 0)
  assert.equal([plain.text, plain.isSpecial, [...plain.bytes]], ['0', false, [0x30]])
})

test.run()
