/**
 * A feature drafter's file for the micro target that guesses that what was likely at the last token is likely again;
 * right now and then.
 */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import { buildGguf, type GgufFile, type GgufTensorData } from './gguf-file.js'

const TARGET = fileURLToPath(new URL('../../models/micro/target.gguf', import.meta.url))
const MIDDLE = 64

/**
 * The file's parts, to be spoilt by tests. Without attention or feed-forward its stream is the feature, its head the
 * target's own for every second token.
 */
export async function echoDraft(): Promise<GgufFile> {
  const target = await openCheckpoint(TARGET)
  const { vocab, hidden, maxPositions, finalNorm, layers } = target.spec
  const { heads, kvHeads, headDim } = layers[0].attention
  const norm = await target.read('model.norm.weight')
  const head = await target.read(target.spec.tied ? 'model.embed_tokens.weight' : 'lm_head.weight')
  await target.close()
  const tokens = Array.from({ length: vocab / 2 }, (_, i) => 2 * i)
  const zeros = (name: string, rows: number, columns: number): GgufTensorData =>
    tensor(name, [rows, columns], new Float32Array(rows * columns))
  const ones = (name: string): GgufTensorData => tensor(name, [hidden], new Float32Array(hidden).fill(1))
  return {
    metadata: {
      'general.architecture': 'sequoia-draft',
      'sequoia-draft.vocab_size': vocab,
      'sequoia-draft.context_length': maxPositions,
      'sequoia-draft.embedding_length': hidden,
      'sequoia-draft.feed_forward_length': MIDDLE,
      'sequoia-draft.attention.head_count': heads,
      'sequoia-draft.attention.head_count_kv': kvHeads,
      'sequoia-draft.attention.key_length': headDim,
      'sequoia-draft.attention.layer_norm_rms_epsilon': { float: finalNorm.epsilon },
      'sequoia-draft.rope.freq_base': { float: 10000 },
      'sequoia-draft.tokens': tokens,
      'sequoia-draft.target.name': 'sequoia-micro-target',
      'sequoia-draft.target.norm_sha256': createHash('sha256')
        .update(new Uint8Array(norm.buffer, norm.byteOffset, norm.byteLength))
        .digest('hex'),
      'sequoia-draft.acceptance.greedy': [1, 0],
      'sequoia-draft.acceptance.sampled': [1, 0],
    },
    tensors: [
      tensor(
        'fc.weight',
        [hidden, 2 * hidden],
        Float32Array.from({ length: 2 * hidden * hidden }, (_, i) =>
          i % (2 * hidden) === Math.floor(i / (2 * hidden)) + hidden ? 1 : 0,
        ),
      ),
      tensor(
        'head.weight',
        [tokens.length, hidden],
        Float32Array.from(
          { length: tokens.length * hidden },
          (_, i) => head[tokens[Math.floor(i / hidden)] * hidden + (i % hidden)] * norm[i % hidden],
        ),
      ),
      ones('blk.0.attn_norm.weight'),
      zeros('blk.0.attn_q.weight', heads * headDim, hidden),
      zeros('blk.0.attn_k.weight', kvHeads * headDim, hidden),
      zeros('blk.0.attn_v.weight', kvHeads * headDim, hidden),
      zeros('blk.0.attn_output.weight', hidden, heads * headDim),
      ones('blk.0.ffn_norm.weight'),
      zeros('blk.0.ffn_gate.weight', MIDDLE, hidden),
      zeros('blk.0.ffn_up.weight', MIDDLE, hidden),
      zeros('blk.0.ffn_down.weight', hidden, MIDDLE),
    ],
  }
}

export async function echoDraftFile(spoil: (file: GgufFile) => void = () => undefined): Promise<Buffer> {
  const file = await echoDraft()
  spoil(file)
  return buildGguf(file)
}

/** `shape` outermost first. */
function tensor(name: string, shape: number[], values: Float32Array): GgufTensorData {
  return { name, dims: [...shape].reverse(), type: 0, data: new Uint8Array(values.buffer) }
}
