/** Compiling against one vocabulary: what is refused, and which tokens a compiled grammar knows. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ImageCompiler, type Vocabulary } from '../../src/grammar/compiler.js'
import { GrammarMask } from '../../src/grammar/grammar-mask.js'
import { openImage } from '../../src/grammar/grammar-image.js'

/** Tokens: a, b, one with a byte that UTF-8 never has, one with the beginning of a character, a stop token. */
const TOKENS = [[0x61], [0x62], [0x61, 0xc0], [0x61, 0xc3], []]
const vocabulary: Vocabulary = {
  bytes: Uint8Array.from(TOKENS.flat()),
  lengths: Uint32Array.from(TOKENS, ({ length }) => length),
  stopTokens: [4],
}

async function allowed(compiler: ImageCompiler, text: string): Promise<number[]> {
  const outcome = await compiler.compile(text)
  if ('refused' in outcome) throw new Error(outcome.refused)
  const { library, compiled } = await openImage(outcome.image)
  const matcher = await library.GrammarMatcher.createGrammarMatcher(compiled)
  const vocabSize = TOKENS.length
  const mask = new GrammarMask({ library, matcher, vocabSize, lengths: null, param: 'responseFormat' })
  const row = new Float32Array(vocabSize)
  mask.apply(row)
  mask.dispose()
  return [...row.keys()].filter((token) => row[token] === 0)
}

test('a text that is no grammar is refused with its reason, and the next one compiles', async () => {
  const compiler = new ImageCompiler(vocabulary)
  const outcome = await compiler.compile('root ::= (')
  assert.ok('refused' in outcome && /EBNF parser error/.test(outcome.refused))
  assert.equal(await allowed(compiler, 'root ::= "b"'), [1])
})

test('grammars that one compiler compiles know nothing of each other', async () => {
  const compiler = new ImageCompiler(vocabulary)
  assert.equal(await allowed(compiler, 'root ::= "a"'), [0])
  assert.equal(await allowed(compiler, 'root ::= "b" | ""'), [1, 4])
  assert.equal(await allowed(compiler, 'root ::= "a"'), [0])
})

test('tokens with bytes that UTF-8 never has cannot come; beginnings of characters can', async () => {
  assert.equal(await allowed(new ImageCompiler(vocabulary), 'root ::= "a" [^x]'), [0, 3])
})

test.run()
