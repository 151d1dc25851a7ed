// @process own
/**
 * Token ids on 10,000 strings a kind against the Rust library `tokenizers` (Python; `SEQUOIA_PYTHON` names one that has
 * it), and for `tokenizer.ggml.pre` against llama.cpp too (node-llama-cpp, from `bench/peers`). Strings come from
 * `hard-texts.ts`: scripts mixed, numbers, white space, emoji, contractions, control characters, special tokens'
 * spellings, broken UTF-8. Small vocabularies are trained by `reference_tokenizers.py`; published ones come from npm.
 * Texts with a character that the Rust library's tables are too old for, by its own word (`newer-characters.ts`), are
 * compared and counted, and may differ.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { JsonProcess } from '../../bench/json-process.js'
import { llamaCommand } from '../../bench/peers/llama-peer.js'
import { cacheFolder } from '../../src/common/cache-folder.js'
import { Metadata } from '../../src/checkpoint/gguf/metadata.js'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import type { TokenizerFiles } from '../../src/spec/manifest.js'
import { preTokenizerNames } from '../../src/text/gguf/pre-tokenizer-names.js'
import { PATTERNS } from '../../src/text/gguf/published-patterns.js'
import { textSide } from '../../src/text/gguf/text-side.js'
import { readTokenizerFiles } from '../../src/text/hugging-face/tokenizer-files.js'
import { createTokenizer, type ModelTokenizer } from '../../src/text/tokenizer.js'
import { buildGguf, type GgufValue } from '../support/gguf-file.js'
import { hardTexts } from '../support/hard-texts.js'
import { isKnown, newerCharacters, type Newer } from '../support/newer-characters.js'
import { publishedVocabularies } from '../support/published-vocabularies.js'
import { askPython, referencePython } from '../support/reference-tokenizers.js'
import { tempFolder } from '../support/temp-folder.js'

const COUNT = Number(process.env.SEQUOIA_STRINGS ?? 10_000)
const texts = hardTexts(COUNT, 20)
const dir = tempFolder()
const tokenizers = suite('tokenizers')
const python = referencePython()
const command = llamaCommand(1)

interface Ids {
  ids: number[][]
  parsed?: number[][]
}

/** The texts whose ids differ and may not: `isExempt` says which may. */
function differing(
  name: string,
  tokenizer: ModelTokenizer,
  reference: Ids,
  isExempt: (text: string) => boolean = () => false,
): string[] {
  const wrong = (ids: readonly number[][], parseSpecial: boolean): string[] =>
    texts
      .slice(0, ids.length)
      .filter((text, i) => tokenizer.encode(text, { parseSpecial }).join() !== Array.from(ids[i]).join())
  const plain = wrong(reference.ids, false)
  const parsed = reference.parsed ? wrong(reference.parsed, true) : []
  const wrongly = [...plain, ...parsed].filter((text) => !isExempt(text))
  const exempt = texts.slice(0, reference.ids.length).filter(isExempt)
  console.log(
    `${name}: ${reference.ids.length} strings (${exempt.length} exempt), ` +
      `${plain.length} differ, ${parsed.length} with special tokens parsed, ${wrongly.length} not exempt`,
  )
  return wrongly
}

const opened = (tokenizer: TokenizerFiles['tokenizer']): ModelTokenizer => createTokenizer({ tokenizer, config: {} })
const readFileOf = (file: string): TokenizerFiles['tokenizer'] =>
  JSON.parse(readFileSync(file, 'utf8')) as TokenizerFiles['tokenizer']

function againstPython(program: string): void {
  const { kinds } = askPython<{ kinds: string[] }>(program, {
    train: { texts: hardTexts(6000, 21).map((text) => text.replace(/[<>|]/g, '')), out: dir, vocabulary: 3000 },
  })
  const files = [
    ...kinds.map((name): [string, string] => [name, join(dir, `${name}.json`)]),
    ...publishedVocabularies(),
  ]
  for (const [name, file] of files) {
    tokenizers(`${name}: ids of the Rust library`, () => {
      const tokenizer = readFileOf(file)
      const reference = askPython<Ids>(program, { encode: { file, texts } })
      assert.equal(differing(name, opened(tokenizer), reference, isNewTo(program, tokenizer)).slice(0, 5), [])
    })
  }
}

let newer: Newer | undefined

/** Whether the library's tables are too old for a text, with a tokenizer of these parts. */
function isNewTo(
  program: string,
  { normalizer, pre_tokenizer }: TokenizerFiles['tokenizer'],
): (text: string) => boolean {
  newer ??= newerCharacters(program, texts)
  return (text) => !isKnown(newer!, { normalizer, pre_tokenizer }, text)
}

/** Tables without a `tokenizer.json`: [package, file in it, its name in a model's folder, the id of rank 0]. */
const TABLES: readonly (readonly [string, string, string, number])[] = [
  ['mistral_common', 'data/tekken_240718.json', 'tekken.json', 1000],
  ['mistral_common', 'data/tekken_240911.json', 'tekken.json', 1000],
  ['llama_models', 'llama3/tokenizer.model', 'tokenizer.model', 0],
]

function tablesOfTiktoken(program: string): void {
  for (const [name, table, file, firstId] of TABLES) {
    const title = `${name}/${table}: ids of tiktoken`
    const { path } = askPython<{ path: string | null }>(program, { locate: { package: name, table } })
    if (path === null) {
      console.log(`skipped (pip install --no-deps mistral-common==1.13.1 llama-models==0.3.0): ${title}`)
      tokenizers.skip(title)
      continue
    }
    tokenizers(title, async () => {
      const folder = tempFolder()
      copyFileSync(path, join(folder, file))
      writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ added_tokens_decoder: {} }))
      const given = { package: name, table, pattern: PATTERNS.llama3[0], texts }
      const { ids } = askPython<Ids>(program, { tiktoken: given })
      const reference = { ids: ids.map((list) => list.map((rank) => rank + firstId)) }
      const tokenizer = createTokenizer(await readTokenizerFiles(folder))
      assert.equal(differing(table, tokenizer, reference).slice(0, 5), [])
    })
  }
}

/** Metadata of a file with the vocabulary that was trained without any splitting: every cut shows in its tokens. */
function vocabularyOnly(pre: string): Record<string, GgufValue> {
  const { vocab, merges } = readFileOf(join(dir, 'unsplit.json')).model as {
    vocab: Record<string, number>
    merges: [string, string][]
  }
  const tokens = Object.entries(vocab).sort(([, a], [, b]) => a - b)
  return {
    'general.architecture': 'llama',
    'llama.context_length': 64,
    'llama.embedding_length': 32,
    'llama.block_count': 1,
    'llama.feed_forward_length': 32,
    'llama.attention.head_count': 2,
    'llama.attention.layer_norm_rms_epsilon': { float: 1e-5 },
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': pre,
    'tokenizer.ggml.tokens': tokens.map(([spelling]) => spelling),
    'tokenizer.ggml.token_type': tokens.map(([spelling]) => (/^(<.+>|\[\/?INST\])$/.test(spelling) ? 3 : 1)),
    'tokenizer.ggml.merges': merges.map((pair) => pair.join(' ')),
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.eos_token_id': 2,
    'tokenizer.ggml.add_bos_token': false,
  }
}

const filesOf = (metadata: Record<string, GgufValue>): TokenizerFiles =>
  textSide(new Metadata('vocabulary.gguf', metadata), (metadata['tokenizer.ggml.tokens'] as string[]).length).tokenizer

/**
 * Where llama.cpp departs from the published rule: the texts in which it may. Case and marks beyond ASCII (it has
 * another pattern), text that NFC changes (it does not normalize), runs of white space before other letters.
 */
const DEPARTS: Readonly<Record<string, (text: string) => boolean>> = {
  ...Object.fromEntries(['gpt-4o', 'llama4', 'kanana2', 'talkie', 'tekken'].map((name) => [name, isBeyondAscii])),
  qwen2: (text) => text !== text.normalize('NFC'),
  'deepseek-llm': isBeyondAscii,
  'deepseek-coder': isBeyondAscii,
}

/** Hieroglyphs and symbols of Unicode 16: llama.cpp's tables have no class for them. */
const LATER = /[\u{13460}-\u{143ff}\u{1cc00}-\u{1ceb3}]/u

function isBeyondAscii(text: string): boolean {
  return /[^\t\n\x20-\x7e]/.test(text)
}

function rulesOfGguf(program: string, llama: readonly string[] | null): void {
  const seen = new Set<string>()
  // Names that share a rule are tried on a tenth of the strings.
  for (const name of preTokenizerNames()) {
    tokenizers(`${name}: ids of llama.cpp, and of the Rust library for the same rule`, async () => {
      const metadata = vocabularyOnly(name)
      const { tokenizer } = filesOf(metadata)
      const rule = JSON.stringify([tokenizer.pre_tokenizer, tokenizer.normalizer])
      const ours = opened(tokenizer)
      const isNew = !seen.has(rule)
      if (isNew) {
        const file = join(dir, 'rule.json')
        writeFileSync(file, JSON.stringify(tokenizer))
        const reference = askPython<Ids>(program, { encode: { file, texts } })
        assert.equal(differing(`${name} (Rust)`, ours, reference, isNewTo(program, tokenizer)).slice(0, 5), [])
        seen.add(rule)
      }
      if (!llama) return
      const file = join(dir, 'rule.gguf')
      writeFileSync(file, buildGguf({ metadata, tensors: [] }))
      const reference = await byLlama(llama, file, isNew ? texts : texts.slice(0, COUNT / 10))
      const isExempt = (text: string): boolean => LATER.test(text) || (DEPARTS[name]?.(text) ?? false)
      assert.equal(differing(`${name} (llama.cpp)`, ours, reference, isExempt).slice(0, 5), [])
    })
  }
}

async function byLlama(llama: readonly string[], file: string, texts: readonly string[]): Promise<Ids> {
  const peer = await JsonProcess.start(llama)
  try {
    await peer.ask({ open: file, vocabOnly: true })
    const [{ ids }, { ids: parsed }] = [
      await peer.ask<Ids>({ texts, special: false }),
      await peer.ask<Ids>({ texts, special: true }),
    ]
    return { ids, parsed }
  } finally {
    await peer.close()
  }
}

const gemma = join(cacheFolder(), 'sources', 'gemma-3-270m-q4_k_m.gguf')
/**
 * Where llama.cpp goes its own way: it takes "</s>" for the end of a text, which in Gemma strikes text through, and "▁"
 * for another sign than a blank.
 */
const isOdd = (text: string): boolean => text.includes('</s>') || text.includes('▁')

if (command && existsSync(gemma)) {
  tokenizers('Gemma 3 270M: ids of llama.cpp', async () => {
    const checkpoint = await openCheckpoint(gemma)
    await checkpoint.close()
    const reference = await byLlama(command, gemma, texts)
    const wrong = differing('Gemma 3 270M (llama.cpp)', createTokenizer(checkpoint.tokenizer), reference, isOdd)
    assert.equal(wrong.slice(0, 5), [])
  })
} else console.log('skipped: Gemma 3 270M (`sequoia pull gemma3-270m`, `npm install` in bench/peers)')

if ('program' in python) {
  againstPython(python.program)
  tablesOfTiktoken(python.program)
  rulesOfGguf(python.program, command)
} else {
  console.log(`skipped: everything that needs the reference library (${python.reason})`)
  tokenizers.skip('ids of the Rust library')
}
tokenizers.run()
