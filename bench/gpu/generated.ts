/**
 * Models of generated weights in fp16, made in seconds whatever their size: all layers' tensors are one layer's bytes
 * in the file. A session copies them for each layer, so that on the device they take their full size; passes over them
 * take the time that they take with real weights, and what they say means nothing. The engine takes them for the import
 * of a file that is not there.
 */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { plainSpec, type PlainShape } from '../../src/architectures/index.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { float32ToFloat16 } from '../../src/common/half.js'
import { fp16 } from '../../src/formats/fp16.js'
import type { StoredLinear } from '../../src/formats/linear.js'
import type { LayerWeights, ModelWeights } from '../../src/graph/model-graph.js'
import { folderName, noteOf, reuse } from '../../src/import/ensure-imported.js'
import { importModel, type ImportedModel } from '../../src/import/index.js'
import type { WeightFile } from '../../src/import/weight-file.js'
import { writeOnes, writeRotary } from '../../src/import/write-parts.js'
import { LINEAR_NAMES } from '../../src/graph/streamed-graph.js'
import type { WeightRef } from '../../src/onnx/graph-builder.js'
import { byRole, linearsOf, type ModelSpec } from '../../src/spec/model-spec.js'
import { tinyTokenizer } from '../../test/support/checkpoint-folder.js'
import { randomModel, seeded } from '../../test/support/random-llama.js'
import { spreadOf } from '../offload/noise.js'
import type { Kit } from './kit.js'

export interface Generated extends ImportedModel {
  /** What the engine is opened with. */
  source: string
  /** Of its weights in memory. */
  weightBytes: number
}

/** How engines are opened with one on a GPU. */
export const engineOptions = ({ source }: Generated, { cacheDir, maxContext }: Pick<Kit, 'cacheDir' | 'maxContext'>) =>
  ({
    target: source,
    device: 'cuda',
    format: fp16.name,
    draft: 'none',
    cacheDir,
    maxContext,
    prefixCacheBytes: 0,
  }) as const

/** Values that are written over and over: no row of a matrix is a multiple of it, so that none is like another. */
const NOISE_VALUES = 1_000_003

/** `onDevice`: for a device that holds the whole model; else for one that its layers pass through. */
export async function generated(
  name: string,
  shape: PlainShape,
  { cacheDir, onDevice, maxContext }: { cacheDir: string; onDevice: boolean; maxContext: number },
): Promise<Generated> {
  const spec = plainSpec(shape)
  const sha256 = createHash('sha256')
    .update(`${name} ${JSON.stringify(shape)}`)
    .digest('hex')
  const checkpoint: Checkpoint = { ...randomModel(spec), name: `generated-${name}`, sha256, tokenizer: wordsOf(shape) }
  const options = { cacheDir, format: fp16.name, onDevice }
  const dir = join(cacheDir, 'imported', folderName(checkpoint, options))
  const source = join(cacheDir, 'generated', `${name}-${shape.layers}x${shape.hidden}`)
  await mkdir(join(source, '..'), { recursive: true })
  await writeFile(source, sha256)
  const model = (await reuse(dir)) ?? {
    dir,
    manifest: await importModel(checkpoint, {
      format: fp16.name,
      outDir: dir,
      onDevice,
      weigh: (file) => weigh(file, spec),
      // The disk holds one layer, whatever is asked for.
      freeBytes: async () => Infinity,
    }),
  }
  await writeFile(await noteOf(source, { ...options, maxContext }), folderName(checkpoint, options))
  return { ...model, source, weightBytes: bytesOf(spec) }
}

/** A tokenizer that has a token for every row of the head. */
function wordsOf({ vocab }: PlainShape): Checkpoint['tokenizer'] {
  const tokenizer = tinyTokenizer()
  const model = tokenizer.model as { vocab: Record<string, number> }
  const known = Object.keys(model.vocab).length
  for (let id = known; id < vocab; id++) model.vocab[`w${id}`] = id
  return { tokenizer, config: {} }
}

function bytesOf({ layers, vocab, hidden }: ModelSpec): number {
  const layer = linearsOf(layers[0]).reduce((sum, linear) => sum + fp16.linears.bytes(linear), 0)
  return layers.length * layer + 2 * fp16.table.bytes({ vocab, hidden })
}

async function weigh(file: WeightFile, spec: ModelSpec): Promise<ModelWeights> {
  const { hidden, vocab, layers } = spec
  const random = seeded(1)
  const noise = Float32Array.from({ length: NOISE_VALUES }, () => 1.7 * (random() + random() - 1))
  const matrix = (name: string, [rows, columns]: [number, number], spread: number): Promise<WeightRef> => {
    const block = float32ToFloat16(noise.map((value) => value * spread))
    const data = new Uint16Array(rows * columns)
    for (let at = 0; at < data.length; at += block.length) data.set(block.subarray(0, data.length - at), at)
    return file.add(name, 'float16', [rows, columns], data)
  }
  const linear = async (name: string, inputs: number, outputs: number): Promise<StoredLinear> => ({
    kind: fp16.linears,
    inputs,
    tensors: { weight: await matrix(name, [inputs, outputs], spreadOf(inputs)) },
    numbers: {},
  })
  const norm = await writeOnes(file, hidden)
  const embedding = await file.region(async () => ({ rows: await matrix('embedding', [vocab, hidden], 1) }))
  const shapes = byRole(layers[0], ({ inputs, outputs }) => [inputs, outputs] as const)
  const first = await file.region(async () => ({
    qkv: await linear(LINEAR_NAMES.qkv, ...shapes.qkv),
    o: await linear(LINEAR_NAMES.o, ...shapes.o),
    gateUp: await linear(LINEAR_NAMES.gateUp, ...shapes.gateUp),
    down: await linear(LINEAR_NAMES.down, ...shapes.down),
  }))
  const called = (stored: StoredLinear, layer: number): StoredLinear => {
    const { weight } = stored.tensors
    return { ...stored, tensors: { weight: { ...weight, name: `layer${layer}.${weight.name}` } } }
  }
  const { qkv, o, gateUp, down } = first.written
  return {
    embedding: { kind: fp16.table, ...embedding.written, region: embedding.region },
    layers: layers.map((_, i): LayerWeights => ({
      norms: { attention: norm, mlp: norm },
      biases: {},
      qkv: called(qkv, i),
      o: called(o, i),
      gateUp: called(gateUp, i),
      down: called(down, i),
      region: first.region,
    })),
    finalNorm: norm,
    head: await linear('head', hidden, vocab),
    ...(await writeRotary(spec, file)),
    integers: null,
  }
}
