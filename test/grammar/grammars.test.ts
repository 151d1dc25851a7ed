/** Compiling grammars, keeping them, refusing what is none, and walking their masks forward and back. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidArgumentError } from '../../src/spec/errors.js'
import { plainGrammar } from '../../src/grammar/answer-grammar.js'
import { Grammars } from '../../src/grammar/grammars.js'
import { answerGrammar } from '../../src/grammar/response-format.js'
import { noText } from '../sampling/support/no-text.js'
import { accepts, byteGrammars } from './support/bytes.js'

const small = (most?: number): Grammars => new Grammars({ tokenizer: noText, vocabSize: 40, stopTokens: [39], most })

async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
  } catch (error) {
    assert.instance(error, InvalidArgumentError)
    assert.is((error as InvalidArgumentError).param, 'responseFormat')
    return (error as Error).message
  }
  return assert.unreachable('nothing was refused') as never
}

test("a grammar of one's own is taken as it is, in llama.cpp's notation", async () => {
  const grammar = answerGrammar({
    type: 'grammar',
    grammar: '# sums\nroot ::= term ("+" term)*\nterm ::= [0-9]+ | "(" root ")"',
  })!
  for (const text of ['1', '1+2', '(1+2)+33']) assert.ok(await accepts(grammar, text))
  for (const text of ['', '1+', '(1']) assert.not.ok(await accepts(grammar, text))
})

test('left recursion and empty rules do no harm', async () => {
  assert.ok(await accepts('root ::= root "a" | "b"', 'baaa'))
  assert.ok(await accepts('root ::= x* "a"\nx ::= "" | "x"', 'xxa'))
})

test('a text that is no grammar is refused with the reason, and the next one compiles', async () => {
  assert.match(await refusal(() => byteGrammars.mask(plainGrammar('root ::= term'))), /Rule "term" is not defined/)
  assert.match(await refusal(() => byteGrammars.mask(plainGrammar('start: "a"'))), /Unexpected character/)
  assert.match(await refusal(() => byteGrammars.mask(plainGrammar('root ::= "a'))), /string literal/)
  assert.ok(await accepts('root ::= "after"', 'after'))
})

test('the least recently used grammars are forgotten, and a mask outlives its grammar', async () => {
  const grammars = small(2)
  const mask = await grammars.mask(plainGrammar('root ::= "1" "2"'))
  for (let i = 0; i < 5; i++) (await grammars.mask(plainGrammar(`root ::= "${i}"`))).dispose()
  await new Promise(setImmediate)
  assert.is(grammars.size, 2)
  const row = new Float32Array(40)
  mask.push(1)
  mask.apply(row)
  assert.is(row[2], 0)
  assert.is(row[1], -Infinity)
  mask.dispose()
})

test('a failed text is not kept', async () => {
  const grammars = small()
  await refusal(() => grammars.mask(plainGrammar('nonsense')))
  await new Promise(setImmediate)
  assert.is(grammars.size, 0)
})

test('a mask goes back to where it was, out of the grammar and past its end too', async () => {
  const mask = await small().mask(plainGrammar('root ::= "1" ("2" | "34")'))
  const at = (): number[] => {
    const row = new Float32Array(40)
    mask.apply(row)
    return Array.from(row.keys()).filter((token) => row[token] === 0)
  }
  assert.equal(at(), [1, 12, 13])
  mask.push(1)
  assert.equal(at(), [2, 3, 34])
  mask.push(7)
  mask.push(2)
  assert.is(at().length, 40)
  mask.pop()
  mask.pop()
  assert.equal(at(), [2, 3, 34])
  mask.push(34)
  assert.equal(at(), [39])
  mask.push(39)
  mask.push(5)
  mask.push(39)
  for (let i = 0; i < 4; i++) mask.pop()
  assert.equal(at(), [2, 3, 34])
  mask.push(3)
  assert.equal(at(), [4])
  mask.dispose()
})

test.run()
