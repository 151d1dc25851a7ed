/** Part (a): SmolLM2-135M in 120 MB, on real prompts: plain streaming, tree streaming, all in memory, and the peers. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkOptions } from '../../src/open/check-options.js'
import { openModel } from '../../src/open/open-model.js'
import { cacheFolder } from '../../src/common/cache-folder.js'
import prompts from '../prompts.json' with { type: 'json' }
import { accelerate, llama, ours, type Prompt } from './contenders.js'
import { readRates } from './disk.js'
import { rowOf, type Row } from './table.js'

const TARGET = 'smollm2-135m'
const MEMORY = 120e6
/** Shorter, so that the reading of the weights of a pass weighs as it does in long answers without taking as long. */
const MAX_CONTEXT = 512
const TOKENS = 64
const PROMPTS = 4
/** Peers that thrash get fewer tokens. */
const PEER = { tokens: 6, prompts: 1, timeoutMs: 120_000 }

export async function small(python?: string): Promise<object> {
  const { source, dir, template } = await openModel(TARGET, checkOptions({ target: TARGET }))
  const weights = join(dir, 'weights.bin')
  const disk = await readRates(weights)
  const requests = prompts.chat
    .slice(0, PROMPTS)
    .map((content) => ({ messages: [{ role: 'user' as const, content }], maxTokens: TOKENS, temperature: 0 }))
  const limit = { budgetBytes: MEMORY, modelFiles: [weights], timeoutMs: 600_000 }
  const open = { target: TARGET, maxContext: MAX_CONTEXT, prefixCacheBytes: 0 }
  const plain = await ours('plain streaming', limit, { ...open, memory: MEMORY, draft: 'none' }, requests)
  const tree = await ours('tree streaming', limit, { ...open, memory: MEMORY }, requests)
  const inMemory = await ours(
    'in memory, plain',
    { ...limit, budgetBytes: Infinity },
    { ...open, draft: 'none' },
    requests,
  )

  const asked = requests
    .slice(0, PEER.prompts)
    .map(({ messages }): Prompt => ({ tokens: template!.encode(messages), maxTokens: PEER.tokens }))
  const peers = [await llama({ ...limit, modelFiles: [source], timeoutMs: PEER.timeoutMs }, source, asked)]
  if (python !== undefined) {
    const folder = bf16Folder(python, source)
    peers.push(
      await accelerate(
        { ...limit, modelFiles: [join(folder, 'model.safetensors')], timeoutMs: PEER.timeoutMs },
        python,
        folder,
        asked,
      ),
    )
  }
  const there = peers.filter((peer) => peer !== null)
  const baselines = { plain, peers: there, diskBytesPerSecond: disk.sustained, budgetBytes: MEMORY }
  const rows: Row[] = [plain, tree, inMemory, ...there].map((outcome) => rowOf(outcome, baselines))
  const texts = [plain, tree, inMemory].map((outcome) =>
    'done' in outcome ? outcome.done.answers.map(({ tokens }) => tokens.join()).join(';') : null,
  )
  return {
    rows,
    disk: disk.rows,
    'same texts': texts.every((text) => text !== null && text === texts[0]),
    plans: [plain, tree].map((outcome) => ('done' in outcome ? outcome.done.info.streamed : null)),
  }
}

/** The same weights for transformers. */
function bf16Folder(python: string, gguf: string): string {
  const folder = join(cacheFolder(), 'bench', `${TARGET}-bf16`)
  if (!existsSync(folder))
    execFileSync(python, [join(import.meta.dirname, '../peers/accelerate_offload.py'), 'convert', gguf, folder], {
      stdio: 'inherit',
    })
  return folder
}
