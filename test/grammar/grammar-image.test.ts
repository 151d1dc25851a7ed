/** Grammars that are carried from the wasm instance that compiled them to another. */
import type { CompiledGrammar } from '@mlc-ai/web-xgrammar'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ImageCompiler, type Vocabulary } from '../../src/grammar/compiler.js'
import { GrammarMask } from '../../src/grammar/grammar-mask.js'
import { openImage, type GrammarImage } from '../../src/grammar/grammar-image.js'
import { answerGrammar, type ResponseFormat } from '../../src/grammar/response-format.js'
import { openXGrammar, type XGrammar } from '../../src/grammar/xgrammar.js'
import { seeded } from '../support/random-llama.js'
import { words } from './support/words.js'

const VOCAB = 3001
const { tokenizer, stopTokens } = words(VOCAB)
const tokens = Array.from({ length: VOCAB }, (_, token) => tokenizer.bytes(token))
const vocabulary: Vocabulary = {
  bytes: Buffer.concat(tokens),
  lengths: Uint32Array.from(tokens, ({ length }) => length),
  stopTokens: [...stopTokens],
}

const FORMATS: ResponseFormat[] = [
  { type: 'json_object' },
  {
    type: 'json_schema',
    schema: {
      type: 'object',
      properties: {
        name: { type: 'string', maxLength: 20 },
        tags: { type: 'array', items: { enum: ['a', 'bc', 'é'] } },
      },
      required: ['name', 'tags'],
    },
  },
  { type: 'regex', pattern: '[a-f]{2,40}(true|[^x])*' },
  { type: 'choice', choices: ['null', 'yes: true', '世'] },
  { type: 'grammar', grammar: 'root ::= "(" root ")" | [a-z]+ root? | "é"' },
]

async function maskOf(library: XGrammar, compiled: CompiledGrammar): Promise<GrammarMask> {
  const matcher = await library.GrammarMatcher.createGrammarMatcher(compiled)
  return new GrammarMask({ library, matcher, vocabSize: VOCAB, lengths: null, param: 'responseFormat' })
}

async function compiledHere(text: string): Promise<GrammarMask> {
  const library = openXGrammar()
  const info = await library.TokenizerInfo.createTokenizerInfo(tokens, 'raw', false, VOCAB, stopTokens)
  const compiled = await (await library.GrammarCompiler.createGrammarCompiler(info, false)).compileGrammar(text)
  return maskOf(library, compiled)
}

async function carried(compiler: ImageCompiler, text: string): Promise<GrammarImage> {
  const outcome = await compiler.compile(text)
  assert.ok('image' in outcome)
  return (outcome as { image: GrammarImage }).image
}

async function compiledElsewhere(image: GrammarImage): Promise<GrammarMask> {
  const { library, compiled } = await openImage(image)
  return maskOf(library, compiled)
}

test('a carried grammar has the masks it has where it was compiled, token for token, forward and back', async () => {
  const compiler = new ImageCompiler(vocabulary)
  const random = seeded(11)
  for (const format of FORMATS) {
    const text = answerGrammar(format)!.text
    const [here, there] = [await compiledHere(text), await compiledElsewhere(await carried(compiler, text))]
    let depth = 0
    for (let step = 0; step < 60; step++) {
      const rows = [here, there].map((mask) => {
        const row = new Float32Array(VOCAB)
        mask.apply(row)
        return row
      })
      assert.equal(rows[1], rows[0])
      const open = Array.from(rows[0].keys()).filter((token) => rows[0][token] === 0)
      if (depth > 0 && random() < 0.25) {
        for (const mask of [here, there]) mask.pop()
        depth -= 1
        continue
      }
      const token = open[Math.floor(random() * open.length)]
      for (const mask of [here, there]) mask.push(token)
      depth += 1
    }
    for (const mask of [here, there]) mask.dispose()
  }
})

test('an image holds one grammar, whatever was compiled or refused before it', async () => {
  const compiler = new ImageCompiler(vocabulary)
  const small = 'root ::= "a" | "b"'
  const first = await carried(compiler, small)
  const large = await carried(compiler, answerGrammar(FORMATS[1])!.text)
  assert.equal(await compiler.compile('root ::= nothing'), {
    refused: ((await compiler.compile('root ::= nothing')) as { refused: string }).refused,
  })
  const again = await carried(compiler, small)
  assert.ok(first.bytes.length < large.bytes.length)
  assert.is(again.bytes.length, first.bytes.length)
  assert.is(again.pointer, first.pointer)
})

test('several masks of one image go their own ways', async () => {
  const { library, compiled } = await openImage(await carried(new ImageCompiler(vocabulary), 'root ::= "a" "b" | "x"'))
  const [one, other] = await Promise.all([1, 2].map(() => maskOf(library, compiled)))
  one.push('a'.charCodeAt(0))
  const row = new Float32Array(VOCAB)
  other.apply(row)
  assert.equal(
    ['a', 'b', 'x'].map((letter) => row[letter.charCodeAt(0)]),
    [0, -Infinity, 0],
  )
  one.dispose()
  other.dispose()
})

test.run()
