/**
 * Generated weights as our import would write those of a GGUF file in W8A8, without its calibration: the engine takes
 * it for that file's import.
 */
import { join } from 'node:path'
import { cacheFolder } from '../../src/common/cache-folder.js'
import type { WeightRef } from '../../src/onnx/graph-builder.js'
import type { ModelWeights } from '../../src/graph/model-graph.js'
import { folderName, reuse } from '../../src/import/ensure-imported.js'
import type { StoredLinear } from '../../src/formats/linear.js'
import { integerLinears } from '../../src/formats/w8a8/linears.js'
import { integerTable } from '../../src/formats/w8a8/table.js'
import { importModel } from '../../src/import/index.js'
import type { WeightFile } from '../../src/import/weight-file.js'
import { writeOnes, writeRotary } from '../../src/import/write-parts.js'
import type { IntegerType } from '../../src/spec/manifest.js'
import { byRole, type ModelSpec } from '../../src/spec/model-spec.js'
import { openCheckpoint } from '../../src/import/open-checkpoint.js'
import { bestIntegers } from '../../src/formats/w8a8/exact-integers.js'
import { INT8_SPREAD, randomBytes, Repeated, spreadOf } from './noise.js'

/** Activations are about as large as 1; four times that is clipped. */
const STEP = 4 / 127
const BLOCK_BYTES = 2 ** 24

export async function writeImport(gguf: string, onProgress: (line: string) => void): Promise<void> {
  const checkpoint = await openCheckpoint(gguf)
  try {
    const integers = await bestIntegers()
    const outDir = join(cacheFolder(), 'imported', folderName(checkpoint, { format: 'w8a8', integers }))
    if ((await reuse(outDir)) !== null) return
    onProgress(`writing ${outDir}`)
    await importModel(checkpoint, {
      format: 'w8a8',
      integers,
      outDir,
      weigh: (file) => weigh(file, checkpoint.spec, integers),
    })
  } finally {
    await checkpoint.close()
  }
}

async function weigh(file: WeightFile, spec: ModelSpec, integers: IntegerType): Promise<ModelWeights> {
  const { hidden, vocab } = spec
  const bytes = new Repeated(randomBytes(BLOCK_BYTES), 1)
  const integerMatrix = (name: string, type: IntegerType, rows: number, columns: number): Promise<WeightRef> => {
    const data = new Uint8Array(rows * columns)
    let at = 0
    for (const piece of bytes.pieces(data.length)) {
      data.set(piece, at)
      at += piece.length
    }
    return file.add(name, type, [rows, columns], data)
  }
  const scale = (name: string, dims: number[], inputs: number): Promise<WeightRef> =>
    file.add(`${name}.scale`, 'float32', dims, new Float32Array(dims[0]).fill(spreadOf(inputs) / INT8_SPREAD))
  const linear = async (
    name: string,
    inputs: number,
    out: number,
    step: 'static' | 'row' = 'static',
  ): Promise<StoredLinear> => ({
    kind: integerLinears,
    inputs,
    tensors: {
      weight: await integerMatrix(name, integers, inputs, out),
      scale: await scale(name, [out], inputs),
    },
    numbers: step === 'row' ? {} : { step: STEP },
  })
  const norm = await writeOnes(file, hidden)
  const embedding = await file.region(async () => ({
    rows: await integerMatrix('embedding', 'int8', vocab, hidden),
    scale: await scale('embedding', [vocab, 1], 1),
  }))
  const layers: ModelWeights['layers'] = []
  for (let i = 0; i < spec.layers.length; i++) {
    const { qkv, o, gateUp, down } = byRole(spec.layers[i], ({ inputs, outputs }) => [inputs, outputs] as const)
    const { written, region } = await file.region(async () => ({
      qkv: await linear(`layer${i}.qkv`, ...qkv),
      o: await linear(`layer${i}.o`, ...o),
      gateUp: await linear(`layer${i}.gate_up`, ...gateUp),
      down: await linear(`layer${i}.down`, ...down, 'row'),
    }))
    layers.push({ norms: { attention: norm, mlp: norm }, biases: {}, ...written, region })
  }
  const head = await linear('head', hidden, vocab)
  return {
    embedding: { kind: integerTable, ...embedding.written, region: embedding.region },
    integers,
    layers,
    finalNorm: norm,
    head,
    ...(await writeRotary(spec, file)),
  }
}
