/**
 * A feature drafter with random weights for a random Llama, and the plain Llama that it must equal where it reads only
 * one of its two inputs.
 */
import { createHash } from 'node:crypto'
import type { DraftFile } from '../../src/heads/sequoia-draft-file.js'
import { normalize } from '../../src/import/calibration.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { randomLlama } from './random-llama.js'

/** A Llama of one layer over embeddings of rms 1, without a weight in its last norm. */
export function oneLayer(target: Checkpoint): Checkpoint {
  const layer = randomLlama({ layers: 1 }, 4)
  const { hidden, finalNorm } = target.spec
  return {
    ...layer,
    read: async (name) => {
      if (name === 'model.embed_tokens.weight') return normalize(await target.read(name), hidden, finalNorm.epsilon)
      const values = await layer.read(name)
      return name === 'model.norm.weight' ? values.fill(1) : values
    },
  }
}

/**
 * The drafter of `target` with `plain`'s layer and the rows `tokens` of its head. Its stream begins as the embedding,
 * or as the feature.
 */
export async function randomDraft(
  target: Checkpoint,
  plain: Checkpoint,
  tokens: readonly number[],
  reads: 'embedding' | 'feature',
): Promise<DraftFile> {
  const { hidden } = target.spec
  const norm = await target.read('model.norm.weight')
  return {
    name: 'random-draft',
    path: 'random-draft',
    sha256: '0'.repeat(64),
    spec: plain.spec,
    tokens: Int32Array.from(tokens),
    license: 'mit',
    target: { name: target.name, normSha256: createHash('sha256').update(new Uint8Array(norm.buffer)).digest('hex') },
    acceptance: { target: target.name, greedy: [[0.5]], sampled: [[0.5]] },
    read: async (name) => {
      if (name === 'fc')
        return Float32Array.from({ length: 2 * hidden * hidden }, (_, i) =>
          i % (2 * hidden) === Math.floor(i / (2 * hidden)) + (reads === 'feature' ? hidden : 0) ? 1 : 0,
        )
      if (name !== 'head') return plain.read(name)
      const head = await plain.read('lm_head.weight')
      return Float32Array.from(
        { length: tokens.length * hidden },
        (_, i) => head[tokens[Math.floor(i / hidden)] * hidden + (i % hidden)],
      )
    },
    close: async () => undefined,
  }
}
