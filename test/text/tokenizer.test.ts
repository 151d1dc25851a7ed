// @process native
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ModelError } from '../../src/spec/errors.js'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import { createTokenizer, loadTokenizer, type ModelTokenizer } from '../../src/text/tokenizer.js'
import type { TokenizerFiles } from '../../src/spec/manifest.js'
import { realModelTest, smollm2File } from '../support/smollm2.js'
import { tempFolder } from '../support/temp-folder.js'
import { alphabet, MERGES, SPECIALS } from '../support/tiny-llama.js'

interface TinyOptions {
  merges?: readonly string[]
  /** Merges as older files write them ("a b"), or as newer ones do. */
  pairs?: boolean
  /** Bytes that are no tokens. */
  without?: readonly number[]
  added?: readonly Record<string, unknown>[]
}

function tinyFiles({ merges = MERGES, pairs = false, without = [], added = [] }: TinyOptions = {}): TokenizerFiles {
  const missing = new Set(without.map((byte) => alphabet()[byte]))
  const tokens = [...SPECIALS, ...alphabet(), ...merges.map((merge) => merge.replace(' ', ''))]
  const specials = SPECIALS.map((content, id) => ({ id, content, special: true }))
  return {
    tokenizer: {
      added_tokens: [...specials, ...added],
      normalizer: null,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Digits', individual_digits: true },
          { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
        ],
      },
      post_processor: null,
      decoder: { type: 'ByteLevel' },
      model: {
        type: 'BPE',
        vocab: Object.fromEntries(
          tokens.map((token, id) => [token, id] as const).filter(([token]) => !missing.has(token)),
        ),
        merges: pairs ? merges.map((merge) => merge.split(' ')) : merges,
      },
    },
    config: { eos_token: '<|im_end|>', bos_token: { content: '<|im_start|>' } },
  }
}

/** Spells a text in the byte-level alphabet, as merges do. */
const spelled = (text: string): string => Array.from(Buffer.from(text), (byte) => alphabet()[byte]).join('')

const tiny = createTokenizer(tinyFiles())

/** Spellings of the tokens of a text. */
const pieces = (tokenizer: ModelTokenizer, text: string): string[] =>
  tokenizer.encode(text).map((id) => Buffer.from(tokenizer.bytes(id)).toString('latin1'))

test('text is merged as its merges say, and decodes to itself', () => {
  assert.equal(pieces(tiny, 'hello hello->\n\n'), ['hello', ' hello', '->', '\n\n'])
  for (const text of ['', ' ', 'hello', 'naïve 漢字 🙂\u0000\u00ff', '\ufeffa', 'a\r\n\tb'])
    assert.is(tiny.decode(tiny.encode(text)), text)
})

test("special tokens' spellings in text stay text unless they are to be parsed", () => {
  const text = 'a<|im_end|>b<|im_start|>'
  assert.not(tiny.encode(text).some((id) => id < SPECIALS.length))
  assert.is(tiny.decode(tiny.encode(text)), text)
  const parsed = tiny.encode(text, { parseSpecial: true })
  assert.equal(
    parsed.filter((id) => id < SPECIALS.length),
    [2, 1],
  )
  assert.is(tiny.decode(parsed), 'ab')
  assert.is(tiny.decode(parsed, { special: true }), text)
})

test('ids that stand for no token are told, gaps and those beyond the last one', () => {
  const files = tinyFiles()
  const { vocab } = files.tokenizer.model as { vocab: Record<string, number> }
  const [spelling, id] = Object.entries(vocab).at(-3)!
  const { [spelling]: _, ...rest } = vocab
  const model = { ...(files.tokenizer.model as object), vocab: rest }
  const tokenizer = createTokenizer({ ...files, tokenizer: { ...files.tokenizer, model } })
  assert.equal([...tokenizer.missing(tokenizer.vocabSize + 2)], [id, tokenizer.vocabSize, tokenizer.vocabSize + 1])
  assert.equal([...tiny.missing(tiny.vocabSize)], [])
})

test('special tokens stand for no bytes, others for their own, split characters too', () => {
  assert.is(tiny.bytes(1).length, 0)
  const ids = tiny.encode('é')
  assert.is(ids.length, 2)
  assert.equal(Buffer.concat(ids.map((id) => tiny.bytes(id))), Buffer.from('é'))
  assert.is(tiny.decode(ids.slice(0, 1)), '\ufffd')
})

test('added tokens that are not special are found in any text', () => {
  const tokenizer = createTokenizer(tinyFiles({ added: [{ id: 900, content: '<note>', special: false }] }))
  assert.ok(tokenizer.encode('a<note>b').includes(900))
  assert.is(tokenizer.decode(tokenizer.encode('a<note>b')), 'a<note>b')
  assert.is(tokenizer.vocabSize, 901)
})

test('digits of every script stand alone', () => {
  const [four, five] = ['\u0664', '\u0665'].map(spelled)
  const tokenizer = createTokenizer(
    tinyFiles({ merges: [`${four[0]} ${four[1]}`, `${five[0]} ${five[1]}`, `${four} ${five}`] }),
  )
  assert.is(tokenizer.encode('\u0664\u0665').length, 2)
})

test('next line is white space, and a byte order mark is not', () => {
  const [next, mark] = ['\u0085', '\ufeff'].map(spelled)
  const tokenizer = createTokenizer(
    tinyFiles({
      merges: [
        `${next[0]} ${next[1]}`,
        `${next} ${next}`,
        `${mark[0]} ${mark[1]}`,
        `${mark.slice(0, 2)} ${mark[2]}`,
        `${mark} ${mark}`,
      ],
    }),
  )
  assert.is(tokenizer.encode('\u0085\u0085b').length, 3, 'a run of white space leaves its last character to the word')
  assert.is(tokenizer.encode('\ufeff\ufeffb').length, 2, 'two marks are one word')
})

test('a byte that is no token is dropped before its neighbours merge', () => {
  const tokenizer = createTokenizer(tinyFiles({ without: [0x14] }))
  assert.equal(pieces(tokenizer, '-\u0014>'), ['->'])
})

test('roles are the spellings of the configuration, in either of its forms', () => {
  assert.equal(tiny.roles, { eos_token: '<|im_end|>', bos_token: '<|im_start|>' })
  assert.is(tiny.idOf('<|im_end|>'), 2)
  assert.is(tiny.idOf('<|nothing|>'), undefined)
})

test('a rule of splitting that is not known is refused by its kind', () => {
  const { tokenizer, config } = tinyFiles()
  assert.throws(
    () => createTokenizer({ tokenizer: { ...tokenizer, pre_tokenizer: { type: 'Unheard' } }, config }),
    (error: unknown) => error instanceof ModelError && error.message.includes('Unheard'),
  )
})

/** Made by test/fixtures/tokenizers/make.ts. */
interface Kinds {
  texts: string[]
  kinds: { name: string; tokenizer: TokenizerFiles['tokenizer']; ids: number[][]; parsed: number[][] }[]
}
const { texts, kinds } = JSON.parse(
  gunzipSync(readFileSync(new URL('../fixtures/tokenizers/kinds.json.gz', import.meta.url))).toString(),
) as Kinds

for (const { name, tokenizer, ids, parsed } of kinds) {
  const opened = createTokenizer({ tokenizer, config: {} })

  test(`${name}: ids are the reference implementation's, special tokens parsed or not`, () => {
    for (const [expected, parseSpecial] of [
      [ids, false],
      [parsed, true],
    ] as const) {
      const found = texts.map((text) => opened.encode(text, { parseSpecial }))
      const wrong = texts.filter((_, i) => found[i].join() !== expected[i].join())
      assert.equal(wrong, [])
    }
  })

  test(`${name}: the bytes of tokens one by one are those of the whole text`, () => {
    for (const list of ids) {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      const parts = list.map((id) => decoder.decode(opened.bytes(id), { stream: true }))
      const special = list.some((id) => opened.bytes(id).length === 0)
      if (!special) assert.is(parts.join('') + decoder.decode(), opened.decode(list))
    }
  })

  test(`${name}: a long run of one character has as many tokens as its parts, and is encoded in time`, () => {
    for (const character of [' ', 'a', '漢', '1', '<']) {
      const [part, whole] = [400, 20_000].map((length) => opened.encode(character.repeat(length)).length)
      assert.ok(Math.abs(whole - 50 * part) <= 100, `${character}: ${part}, ${whole}`)
    }
  })
}

test('a blank goes before the first part alone where the rule says so', () => {
  const opened = createTokenizer({ tokenizer: kinds.find(({ name }) => name === 'llama-first')!.tokenizer, config: {} })
  const text = (parts: readonly (string | number)[]): string => opened.decode(opened.encodeParts(parts))
  assert.is(text(['a', 1, 'a']), ' aa')
  assert.is(text([1, 'a']), 'a')
})

test('half a surrogate pair is what UTF-8 makes of it', () => {
  assert.equal(tiny.encode('a\ud83d'), tiny.encode('a\ufffd'))
})

test("an imported model's tokenizer loads from its folder; a missing or corrupt file is named", async () => {
  const dir = tempFolder()
  const files = { graph: '', single: '', weights: [], tokenizer: 'tokenizer.json' }
  const fails = async (code: string): Promise<void> => {
    const error = await loadTokenizer(dir, { files }).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    assert.instance(error, ModelError)
    assert.is((error as ModelError).code, code)
    assert.is((error as ModelError).path, join(dir, 'tokenizer.json'))
  }
  await fails('model_not_found')
  writeFileSync(join(dir, 'tokenizer.json'), '{"tokenizer":')
  await fails('model_invalid')
  writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify(tinyFiles()))
  assert.equal((await loadTokenizer(dir, { files })).encode('hello'), tiny.encode('hello'))
})

/** Made by models/recipe/reference_tokens.py. */
const reference = new URL('../fixtures/reference/smollm2-tokens.json.gz', import.meta.url)

realModelTest(
  "SmolLM2's token ids are the reference implementation's on 10,000 strings, special tokens' spellings among them",
  async () => {
    const checkpoint = await openCheckpoint(smollm2File)
    await checkpoint.close()
    const tokenizer = createTokenizer(checkpoint.tokenizer)
    const { strings, ids } = JSON.parse(gunzipSync(readFileSync(reference)).toString()) as {
      strings: string[]
      ids: number[][]
    }
    assert.is(strings.length, 10_000)
    const wrong = strings.filter((text, i) => tokenizer.encode(text).join() !== ids[i].join())
    assert.equal(wrong, [])
  },
)

test.run()
