/** SmolLM2 imported and opened for tests, and the texts its accuracy is measured on. */
import { readFileSync } from 'node:fs'
import { cacheFolder } from '../../src/common/cache-folder.js'
import type { FormatName } from '../../src/formats/index.js'
import { ensureImported } from '../../src/import/index.js'
import type { Forward, ForwardOptions } from '../../src/runtime/forward.js'
import type { KvFormat } from '../../src/spec/manifest.js'
import { openImported } from './imported.js'
import { smollm2File } from './smollm2.js'

/** Opens SmolLM2 in a format; imported into the user's cache, as the product does it for its drafts. */
export async function openSmolLM2(
  format: FormatName,
  { kv, ...options }: ForwardOptions & { kv?: KvFormat } = {},
  grouped?: boolean,
): Promise<Forward> {
  return openImported(
    await ensureImported(smollm2File, { cacheDir: cacheFolder(), format, kv, hidden: format === 'w8a8' }),
    options,
    grouped,
  )
}

/** Conversations the model wrote itself, held out from calibration and training: token ids, chat template included. */
export function heldOutConversations(): number[][] {
  return (readFixture('smollm2-eval-ids.json') as EvaluationIds).conversations
}

/** One after another, as many as fill a context of 8,192 tokens. */
export function heldOutText(): number[] {
  const { conversations, more } = readFixture('smollm2-eval-ids.json') as EvaluationIds
  return [...conversations, ...more].flat()
}

interface EvaluationIds {
  conversations: number[][]
  more: number[][]
}

export interface ReferenceLogits {
  sample: number[]
  prompts: {
    name: string
    ids: number[]
    positions: { position: number; top: number[]; topLogits: number[]; sampleLogits: number[] }[]
  }[]
}

/** PyTorch's logits in fp32 (`models/recipe/reference_logits.py`). */
export function referenceLogits(): ReferenceLogits {
  return readFixture('smollm2-logits.json') as ReferenceLogits
}

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/reference/${name}`, import.meta.url), 'utf8'))
}
