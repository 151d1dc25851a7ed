/** Work of masks is bounded: grammars that would hold the event loop are refused where they do, and only they. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { plainGrammar } from '../../src/grammar/answer-grammar.js'
import { Grammars } from '../../src/grammar/grammars.js'
import { answerGrammar } from '../../src/grammar/response-format.js'
import { words } from './support/words.js'

const VOCAB = 12_000
const grammars = new Grammars(words(VOCAB))
test.after(() => grammars.close())

test('a mask that takes too much work is an error that names the field, and the next answer can go on', async () => {
  const text = 'root ::= "x" (([a-z ]*)*)* "!"'
  const mask = await grammars.mask(plainGrammar(text), 'responseFormat')
  try {
    for (const letter of `x${'ab'.repeat(400)}`) {
      mask.apply(new Float32Array(VOCAB))
      mask.push(letter.charCodeAt(0))
    }
    assert.unreachable('no mask took long')
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    assert.is((error as InvalidArgumentError).param, 'responseFormat')
    assert.match((error as Error).message, /takes too long to find/)
  }
  mask.dispose()
  const again = await grammars.mask(plainGrammar(text))
  const row = new Float32Array(VOCAB)
  again.apply(row)
  assert.is(row['x'.charCodeAt(0)], 0)
  again.dispose()
})

test('strings, lists and names of any allowed length stay far below that bound', async () => {
  const schema = {
    type: 'object',
    properties: {
      v: { type: 'string', minLength: 20, maxLength: 8192 },
      list: { type: 'array', items: { type: 'boolean' }, maxItems: 10_000 },
    },
    required: ['v', 'list'],
  }
  const mask = await grammars.mask(answerGrammar({ type: 'json_schema', schema })!)
  const list = `[${Array.from({ length: 300 }, () => 'true').join(',')}]`
  const answer = `{"v":"${'ab \\n'.repeat(200)}","list":${list}}`
  for (const letter of answer) {
    const row = new Float32Array(VOCAB)
    mask.apply(row)
    assert.is(row[letter.charCodeAt(0)], 0, letter)
    mask.push(letter.charCodeAt(0))
  }
  mask.dispose()
})

test.run()
