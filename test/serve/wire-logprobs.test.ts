import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChosenLogprob, TokenLogprob } from '../../src/api/types.js'
import { CompletionOffsets } from '../../src/serve/wire-logprobs.js'

const utf8 = new TextDecoder()

function token(id: number, content: string | number[], logprob: number, isSpecial = false): TokenLogprob {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Uint8Array.from(content)
  return { token: id, text: utf8.decode(bytes), bytes, logprob, isSpecial }
}
const chosen = (one: TokenLogprob, top: TokenLogprob[] = []): ChosenLogprob => ({ ...one, top })

test('tokens of equal text can be told apart: by their bytes, or by their ids', () => {
  const top = [
    token(1, [0xf0, 0x9f], -0.1),
    token(2, [0x98], -1),
    token(3, [0x80], -2),
    token(4, '', -3),
    token(5, '', -4),
    token(6, 'a', -5),
    token(7, 'a', -6),
  ]
  const { tokens, top_logprobs: tops } = new CompletionOffsets().next([chosen(top[2], top), chosen(top[4], top)])
  assert.equal(Object.entries(tops[0]), [
    ['bytes:\\xf0\\x9f', -0.1],
    ['bytes:\\x98', -1],
    ['bytes:\\x80', -2],
    ['', -3],
    ['token_id:5', -4],
    ['a', -5],
    ['token_id:7', -6],
  ])
  assert.equal(tokens, ['bytes:\\x80', 'token_id:5'])
})

test('the chosen token is always listed, with its own value, and the likeliest come first', () => {
  const top = [token(1, 'b', -1), token(2, '1', -2), token(3, '0', -2.5)]
  const {
    tokens,
    token_logprobs: values,
    top_logprobs: tops,
  } = new CompletionOffsets().next([
    chosen(token(9, '7', -8), top),
    chosen(top[1], top),
    chosen(token(9, '7', -Infinity)),
  ])
  assert.is(JSON.stringify(tops), '[{"b":-1,"1":-2,"0":-2.5,"7":-8},{"b":-1,"1":-2,"0":-2.5},{"7":-9999}]')
  assert.equal(
    tokens.map((name, i) => tops[i][name]),
    values,
  )
})

test('offsets count code points of the text, to which special tokens add nothing', () => {
  const offsets = new CompletionOffsets()
  const special = token(1, '<|im_start|>', -1, true)
  assert.equal(offsets.next([special, special].map((one) => chosen(one))).text_offset, [0, 0])
  const pieces = [
    token(2, 'a😀', -1),
    token(3, [0xf0, 0x9f], -1),
    special,
    token(4, [0x98, 0x80], -1),
    token(5, 'é', -1),
  ]
  assert.equal(offsets.next(pieces.map((one) => chosen(one))).text_offset, [0, 2, 2, 2, 3])
})

test.run()
