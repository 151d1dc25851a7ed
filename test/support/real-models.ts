/**
 * The published models that long suites take: SmolLM2, or another by `npm run acceptance -- NAME --model=gemma3-270m`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GenerateRequest } from '../../src/api/types.js'
import { cacheFolder } from '../../src/common/cache-folder.js'
import { ensureImported } from '../../src/import/index.js'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import type { Forward, ForwardOptions } from '../../src/runtime/forward.js'
import type { KvFormat } from '../../src/spec/manifest.js'
import { createTokenizer, type ModelTokenizer } from '../../src/text/tokenizer.js'
import { openImported } from './imported.js'
import { heldOutConversations, heldOutText, openSmolLM2 } from './smollm2-models.js'
import { smollm2File } from './smollm2.js'
import { VARIABLES } from './tested-format.js'

const prompts = JSON.parse(readFileSync(new URL('../fixtures/prompts.json', import.meta.url), 'utf8')) as string[]

export interface RealModel {
  /** What `sequoia pull` calls it. */
  name: string
  file: string
  /** What may guess for it. */
  drafts: readonly string[]
  /** How much is decoded greedily. */
  greedy: { prompts: number; tokens: number }
  /** Lengths of contexts whose distance to fp32 is measured, and the first token that counts. */
  contexts: readonly (readonly [length: number, from: number])[]
  /** A question as it takes it. */
  asked(content: string): Pick<GenerateRequest, 'messages' | 'prompt'>
  open(format: string, options?: ForwardOptions & { kv?: KvFormat }, grouped?: boolean): Promise<Forward>
  /** Ids of texts that it did not see when it was imported, one by one and as one long text. */
  conversations(): Promise<number[][]>
  text(): Promise<number[]>
  /** What every text begins with. */
  begins(): Promise<number[]>
}

const smollm2: RealModel = {
  name: 'smollm2-135m',
  file: smollm2File,
  drafts: ['ngram', 'model'],
  greedy: { prompts: 50, tokens: 256 },
  contexts: [
    [512, 256],
    [2048, 1024],
    [8192, 6144],
  ],
  asked: (content) => ({ messages: [{ role: 'user', content }] }),
  open: openSmolLM2,
  conversations: async () => heldOutConversations(),
  text: async () => heldOutText(),
  begins: async () => [],
}

const gemma3File = join(cacheFolder(), 'sources', 'gemma-3-270m-q4_k_m.gguf')

/** A base model: it goes on with a text. A row of its logits takes 1 MB, so that fewer rows are compared. */
const gemma3: RealModel = {
  name: 'gemma3-270m',
  file: gemma3File,
  drafts: ['ngram'],
  greedy: { prompts: 20, tokens: 128 },
  contexts: [
    [512, 256],
    [2048, 1792],
    [8192, 7936],
  ],
  asked: (content) => ({ prompt: `${content}\n` }),
  open: async (format, { kv, ...options } = {}, grouped) =>
    openImported(await ensureImported(gemma3File, { cacheDir: cacheFolder(), format, kv }), options, grouped),
  conversations: async () => retold(heldOutConversations()),
  // Gemma needs fewer tokens for it than SmolLM2: the tests' prompts make up for 8,192.
  text: async () => {
    const asked = (await tokenizerOf(gemma3File)).encode(prompts.join('\n'))
    return [...(await retold([heldOutText()]))[0].slice(1), ...asked]
  },
  begins: async () => [await firstOfGemma()],
}

/** SmolLM2's texts in the ids of Gemma, behind the token that begins a text. */
async function retold(texts: readonly (readonly number[])[]): Promise<number[][]> {
  const [from, to] = [await tokenizerOf(smollm2File), await tokenizerOf(gemma3File)]
  const first = await firstOfGemma()
  return texts.map((ids) => [first, ...to.encode(from.decode(ids))])
}

const firstOfGemma = async (): Promise<number> => (await tokenizerOf(gemma3File)).idOf('<bos>')!

async function tokenizerOf(file: string): Promise<ModelTokenizer> {
  const checkpoint = await openCheckpoint(file)
  await checkpoint.close()
  return createTokenizer(checkpoint.tokenizer)
}

const MODELS = [smollm2, gemma3]

/** Throws for a name that is not among them. */
export function realModel(name = smollm2.name): RealModel {
  const found = MODELS.find((model) => model.name === name)
  if (!found)
    throw new Error(`there is no model "${name}" for this; there are ${MODELS.map((model) => model.name).join(', ')}`)
  return found
}

export const testedModel = realModel(process.env[VARIABLES.model])

/** Whether it can be had: its texts are told in SmolLM2's ids. Says what is missing. */
export function isAtHand({ name, file }: RealModel): boolean {
  const missing = [
    [smollm2.name, smollm2File],
    [name, file],
  ].filter(([, path]) => !existsSync(path))
  for (const [missed] of missing) console.log(`skipped (\`sequoia pull ${missed}\` gets what is missing): ${name}`)
  return missing.length === 0
}
