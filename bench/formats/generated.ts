/**
 * Models of generated weights, made once in the cache folder: as our import in a format, and as a GGUF file for the
 * peer. Passes take the time that they take with real weights; what they say means nothing. All layers have the same
 * weights but for one byte of each matrix, so that only the first has to be rounded.
 */
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { plainSpec, type PlainShape } from '../../src/architectures/index.js'
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js'
import { cacheFolder } from '../../src/common/cache-folder.js'
import { formatNamed } from '../../src/formats/index.js'
import type { LinearKind, StoredLinear, TensorFile } from '../../src/formats/linear.js'
import type { WeightFormat } from '../../src/formats/weight-format.js'
import type { ModelWeights } from '../../src/graph/model-graph.js'
import { importModel, type ImportedModel } from '../../src/import/index.js'
import { reuse } from '../../src/import/ensure-imported.js'
import type { WeightFile } from '../../src/import/weight-file.js'
import { writeLayer, writeOnes, writeRotary, writeTable } from '../../src/import/write-parts.js'
import type { IntegerType } from '../../src/spec/manifest.js'
import { byRole, kvWidth, type ModelSpec } from '../../src/spec/model-spec.js'
import { randomModel, seeded } from '../../test/support/random-llama.js'
import { writeBlocks } from '../offload/write-gguf.js'

/** Activations of generated weights are about as large as 1. */
const REACH = 4

const placeOf = (name: string): string => join(cacheFolder(), 'bench', name)
const nameOf = ({ hidden, layers }: PlainShape): string => `apart-${hidden}x${layers}`

/** Our import of a shape in a format. */
export async function generatedImport(shape: PlainShape, format: string): Promise<ImportedModel> {
  const dir = placeOf(`${nameOf(shape)}-${format}`)
  const ready = await reuse(dir)
  if (ready) return ready
  const spec = plainSpec(shape)
  const checkpoint: Checkpoint = { ...randomModel(spec), name: 'generated' }
  console.error(`writing ${dir}`)
  const weigh = (file: WeightFile, integers: IntegerType | null): Promise<ModelWeights> =>
    writeNoise(file, spec, formatNamed(format), integers)
  return { dir, manifest: await importModel(checkpoint, { format, outDir: dir, weigh }) }
}

/** A GGUF file of a shape in Q4_0. */
export async function generatedGguf(shape: PlainShape): Promise<string> {
  const path = placeOf(`${nameOf(shape)}-q4_0.gguf`)
  if (existsSync(path)) return path
  console.error(`writing ${path}`)
  await mkdir(join(path, '..'), { recursive: true })
  await writeBlocks(`${path}.part`, shape, 'Q4_0')
  await rename(`${path}.part`, path)
  return path
}

async function writeNoise(
  file: WeightFile,
  spec: ModelSpec,
  format: WeightFormat,
  integers: IntegerType | null,
): Promise<ModelWeights> {
  const { hidden, vocab } = spec
  const norm = await writeOnes(file, hidden)
  const reads = { reach: REACH }
  const ones = new Float32Array(hidden).fill(1)
  const [layerSpec] = spec.layers
  const layer = {
    ...byRole(layerSpec, ({ inputs, outputs }) => noise(outputs, inputs)),
    norms: { attention: ones, mlp: ones },
    biases: {},
    ...(format.linears.rounded ? {} : { vSteps: new Float32Array(kvWidth(layerSpec)).fill(REACH / 127) }),
  }
  const linears = roundedOnce(format.linears)
  const layers: ModelWeights['layers'] = []
  for (const i of spec.layers.keys()) {
    const { written, region } = await file.region(() =>
      writeLayer(layerSpec, layer, {
        file,
        integers,
        format: { linears },
        prefix: `layer${i}.`,
        reads: { qkv: reads, o: reads, gateUp: reads },
        norm,
      }),
    )
    layers.push({ ...written, region })
  }
  const table = noise(vocab, hidden)
  const embedding = await writeTable(file, format.table, table, { vocab, hidden })
  const shape = { inputs: hidden, outputs: vocab }
  const head = await format.linears.write({ file, integers, reads }, 'head', table, shape)
  return { embedding, layers, finalNorm: norm, head, ...(await writeRotary(spec, file)), integers }
}

/** float32 [outputs, inputs] of a spread that keeps activations about as large as 1. */
function noise(outputs: number, inputs: number): Float32Array {
  const random = seeded(1)
  const some = Float32Array.from({ length: 2 ** 16 }, () => random() + random() - 1)
  const spread = 2.4 / Math.sqrt(inputs)
  const values = new Float32Array(outputs * inputs)
  for (let i = 0; i < values.length; i++) values[i] = spread * some[(i * 7 + (i >> 16)) & 0xffff]
  return values
}

type Added = Parameters<TensorFile['add']>

/** Rounds the weights of each shape once; where they come again, their bytes go under new names, a byte apart. */
function roundedOnce(kind: LinearKind): LinearKind {
  const seen = new Map<string, { stored: StoredLinear; name: string; added: Added[]; times: number }>()
  return {
    ...kind,
    async write(to, name, weights, shape) {
      const key = `${shape.inputs}x${shape.outputs} ${to.reads !== null}`
      const known = seen.get(key)
      if (!known) {
        const added: Added[] = []
        const file: TensorFile = {
          add: (...one) => {
            added.push(one)
            return to.file.add(...one)
          },
        }
        const stored = await kind.write({ ...to, file }, name, weights, shape)
        seen.set(key, { stored, name, added, times: 1 })
        return stored
      }
      const refs = new Map<string, StoredLinear['tensors'][string]>()
      for (const [first, type, dims, data] of known.added)
        refs.set(first, await to.file.add(first.replace(known.name, name), type, dims, apart(data, known.times)))
      known.times++
      const tensors = Object.entries(known.stored.tensors).map(([part, { name: first }]) => [part, refs.get(first)!])
      return { ...known.stored, tensors: Object.fromEntries(tensors) as StoredLinear['tensors'] }
    },
  }
}

/** A session keeps one packed copy of weights that are equal: no model has such layers. */
function apart(data: Added[3], number: number): Added[3] {
  if (!(data instanceof Uint8Array || data instanceof Int8Array)) return data
  const copy = data.slice()
  copy[0] = number & 127
  return copy
}
