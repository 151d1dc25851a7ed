/** Generated weights as a checkpoint folder in bfloat16, a file a layer, for transformers and Accelerate. */
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalTensors, plainSpec, type PlainShape } from '../../src/architectures/index.js'
import { randomBytes, Repeated, spreadOf } from './noise.js'

/** Values that are repeated. */
const VALUES = 2 ** 23

export async function writeBf16Folder(dir: string, model: PlainShape): Promise<void> {
  await mkdir(dir, { recursive: true })
  const files = new Map<string, [name: string, shape: number[]][]>()
  for (const { name, shape } of canonicalTensors(plainSpec(model))) {
    const layer = /^model\.layers\.(\d+)\./.exec(name)?.[1] ?? 'rest'
    const file = `model-${layer}.safetensors`
    files.set(file, [...(files.get(file) ?? []), [name, [...shape]]])
  }
  const byInputs = new Map<number, Repeated>()
  const matrix = (inputs: number): Repeated => {
    const values = byInputs.get(inputs) ?? randomValues(inputs)
    byInputs.set(inputs, values)
    return values
  }
  for (const [file, tensors] of files) await writeFileOf(join(dir, file), tensors, matrix)
  const weight_map = Object.fromEntries([...files].flatMap(([file, tensors]) => tensors.map(([name]) => [name, file])))
  await writeFile(join(dir, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }))
  await writeFile(join(dir, 'config.json'), JSON.stringify(configOf(model)))
}

async function writeFileOf(
  path: string,
  tensors: readonly [name: string, shape: number[]][],
  matrix: (inputs: number) => Repeated,
): Promise<void> {
  let end = 0
  const header = Object.fromEntries(
    tensors.map(([name, shape]) => {
      const start = end
      end += 2 * shape.reduce((product, size) => product * size, 1)
      return [name, { dtype: 'BF16', shape, data_offsets: [start, end] }]
    }),
  )
  const text = Buffer.from(JSON.stringify(header))
  const head = Buffer.concat([Buffer.alloc(8), text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')])
  head.writeBigUInt64LE(BigInt(head.length - 8))
  const file = await open(path, 'w')
  try {
    await file.write(head)
    for (const [, [rows, inputs]] of tensors) {
      for (const piece of inputs === undefined
        ? [bytesOf(new Uint16Array(rows).fill(bf16(1)))]
        : matrix(inputs).pieces(2 * rows * inputs))
        await file.write(piece)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** For matrices with so many columns: evenly spread. */
function randomValues(inputs: number): Repeated {
  const ofByte = Uint16Array.from({ length: 256 }, (_, byte) =>
    bf16(((byte - 127.5) / 127.5) * Math.sqrt(3) * spreadOf(inputs)),
  )
  return new Repeated(bytesOf(Uint16Array.from(randomBytes(VALUES), (byte) => ofByte[byte])), 2)
}

function bytesOf(values: Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer)
}

function bf16(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16
}

function configOf(model: PlainShape): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: model.vocab,
    hidden_size: model.hidden,
    intermediate_size: model.inner,
    num_hidden_layers: model.layers,
    num_attention_heads: model.heads,
    num_key_value_heads: model.kvHeads,
    head_dim: model.headDim,
    hidden_act: 'silu',
    rms_norm_eps: model.epsilon,
    rope_theta: model.theta,
    max_position_embeddings: model.maxPositions,
    tie_word_embeddings: model.tied,
    bos_token_id: 1,
    eos_token_id: 2,
    torch_dtype: 'bfloat16',
  }
}
