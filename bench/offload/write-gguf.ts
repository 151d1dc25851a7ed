/** Generated weights as a GGUF file: for node-llama-cpp, and the source that our import says it was made of. */
import { open } from 'node:fs/promises'
import { canonicalTensors, plainSpec, type PlainShape } from '../../src/architectures/index.js'
import { buildGguf, type GgufTensorData } from '../../test/support/gguf-file.js'
import { tinyLlama, tinyTokens } from '../../test/support/tiny-llama.js'
import { INT8_SPREAD, randomBytes, Repeated, spreadOf } from './noise.js'

const F32 = 0
/** Blocks of 32 values: a float16 scale, and 8 or 4 bits a value. `spread`: standard deviation of random levels. */
const KINDS = {
  Q8_0: { type: 8, bytes: 34, spread: INT8_SPREAD },
  Q4_0: { type: 2, bytes: 18, spread: 16 / Math.sqrt(12) },
} as const
const VALUES = 32
type Kind = keyof typeof KINDS
/** Blocks that are repeated, at most. */
const BLOCKS = 2 ** 19

/** GGUF's names of what `expectedShapes` lists. */
const NAMES: [RegExp, string][] = [
  [/^model\.embed_tokens/, 'token_embd'],
  [/^model\.norm/, 'output_norm'],
  [/^lm_head/, 'output'],
  [/^model\.layers\.(\d+)\.input_layernorm/, 'blk.$1.attn_norm'],
  [/^model\.layers\.(\d+)\.self_attn\.([qkv])_proj/, 'blk.$1.attn_$2'],
  [/^model\.layers\.(\d+)\.self_attn\.o_proj/, 'blk.$1.attn_output'],
  [/^model\.layers\.(\d+)\.post_attention_layernorm/, 'blk.$1.ffn_norm'],
  [/^model\.layers\.(\d+)\.mlp\.(gate|up|down)_proj/, 'blk.$1.ffn_$2'],
]

export async function writeBlocks(path: string, model: PlainShape, kind: Kind): Promise<void> {
  const { type: blockType, bytes: blockBytes } = KINDS[kind]
  let offset = 0
  const tensors = canonicalTensors(plainSpec(model)).map(({ name, shape }) => {
    const values = shape.reduce((product, size) => product * size, 1)
    const isMatrix = shape.length > 1
    const bytes = isMatrix ? (values / VALUES) * blockBytes : values * 4
    const [pattern, short] = NAMES.find(([known]) => known.test(name))!
    const tensor: GgufTensorData & { offset: number; bytes: number } = {
      name: name.replace(pattern, short),
      dims: [...shape].reverse(),
      type: isMatrix ? blockType : F32,
      data: new Uint8Array(0),
      offset,
      bytes,
    }
    offset += Math.ceil(bytes / 32) * 32
    return tensor
  })
  const file = await open(path, 'w')
  try {
    const head = buildGguf({ metadata: metadataOf(model), tensors })
    await file.write(head)
    const byInputs = new Map<number, Repeated>()
    const most = Math.max(...tensors.map(({ type, bytes }) => (type === F32 ? 0 : bytes)))
    for (const { type, dims, offset, bytes } of tensors) {
      const blocks = byInputs.get(dims[0]) ?? randomBlocks(dims[0], kind, most / blockBytes)
      byInputs.set(dims[0], blocks)
      let at = head.length + offset
      for (const piece of type === F32 ? [ones(dims[0])] : blocks.pieces(bytes)) {
        await file.write(piece, 0, piece.length, at)
        at += piece.length
      }
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

function ones(count: number): Uint8Array {
  return new Uint8Array(new Float32Array(count).fill(1).buffer)
}

/** For matrices with so many columns, and so many blocks at most. */
function randomBlocks(inputs: number, kind: Kind, most: number): Repeated {
  const { bytes, spread } = KINDS[kind]
  const blocks = randomBytes(Math.min(BLOCKS, most) * bytes)
  const scale = float16(spreadOf(inputs) / spread)
  for (let at = 0; at < blocks.length; at += bytes) {
    blocks[at] = scale & 255
    blocks[at + 1] = scale >> 8
  }
  return new Repeated(blocks, bytes)
}

/** Bits of a normal float16; `value` in 2^-14 .. 65504, rounded towards zero. */
function float16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]
  return (((bits >>> 23) - 112) << 10) | ((bits >>> 13) & 1023)
}

function metadataOf(model: PlainShape): ReturnType<typeof tinyLlama>['metadata'] {
  const known = tinyTokens()
  const tokens = [...known, ...Array.from({ length: model.vocab - known.length }, (_, i) => `<|${i}|>`)]
  const { metadata } = tinyLlama({
    'llama.block_count': model.layers,
    'llama.context_length': model.maxPositions,
    'llama.embedding_length': model.hidden,
    'llama.feed_forward_length': model.inner,
    'llama.attention.head_count': model.heads,
    'llama.attention.head_count_kv': model.kvHeads,
    'llama.attention.layer_norm_rms_epsilon': { float: model.epsilon },
    'llama.rope.freq_base': { float: model.theta },
    'llama.rope.dimension_count': model.headDim,
    'llama.vocab_size': model.vocab,
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((_, id) => (id < 3 ? 3 : 1)),
  })
  return metadata
}
