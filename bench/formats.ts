/**
 * `npm run bench -- formats [smollm2] [1.1b] [--layers=N]`: t(n) of W8A8 and q4 by turns, on SmolLM2 and on the shape
 * of a 1.1B Llama with generated weights (`--layers`: so many of its layers); beside them what a plain token of
 * SmolLM2's file takes node-llama-cpp.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { plainSpec } from '../src/architectures/index.js'
import type { Checkpoint } from '../src/checkpoint/checkpoint.js'
import { cacheFolder } from '../src/common/cache-folder.js'
import { formatNamed } from '../src/formats/index.js'
import type { WeightFormat } from '../src/formats/weight-format.js'
import type { ModelWeights } from '../src/graph/model-graph.js'
import { ensureImported, graphsOf, importModel, type ImportedModel } from '../src/import/index.js'
import { reuse } from '../src/import/ensure-imported.js'
import type { WeightFile } from '../src/import/weight-file.js'
import { writeLayer, writeOnes, writeRotary, writeTable } from '../src/import/write-parts.js'
import { forwardInfo } from '../src/open/open-model.js'
import type { Forward } from '../src/runtime/forward.js'
import { openForward } from '../src/runtime/open-forward.js'
import { defaultThreads } from '../src/runtime/threads.js'
import type { IntegerType } from '../src/spec/manifest.js'
import { byRole, kvWidth, type ModelSpec } from '../src/spec/model-spec.js'
import { randomModel, seeded } from '../test/support/random-llama.js'
import { smollm2File } from '../test/support/smollm2.js'
import { optionOf } from './option.js'
import { timeMs } from './passes.js'
import { LlamaPeer } from './peers/llama-peer.js'
import { quantile } from './stats.js'

export const name = 'formats'
export const describe = 't(n) of W8A8 and q4 on SmolLM2 and on a 1.1B shape, beside node-llama-cpp'

const FORMATS = ['w8a8', 'q4']
const ROWS = [1, 2, 4, 8, 16]
const CONTEXT = 256
const ROUNDS = 15
/** Activations of generated weights are about as large as 1. */
const REACH = 4
const PEER_TOKENS = 64

const BILLION = {
  vocab: 49152,
  hidden: 2048,
  inner: 5632,
  layers: 22,
  heads: 32,
  kvHeads: 4,
  headDim: 64,
  theta: 10000,
  epsilon: 1e-5,
  maxPositions: 2048,
  tied: false,
}

type Row = Record<string, string | number>

export async function run(args: readonly string[]): Promise<object> {
  const wanted = args.filter((arg) => !arg.startsWith('--'))
  const wants = (part: string): boolean => wanted.length === 0 || wanted.includes(part)
  const rows: Row[] = []
  if (wants('smollm2') && existsSync(smollm2File)) {
    rows.push(...(await timed('SmolLM2', (format) => ensureImported(smollm2File, { cacheDir: cacheFolder(), format }))))
    const token = await peerTokenMs()
    if (token !== null) rows.push({ model: 'SmolLM2', format: 'node-llama-cpp', 't(1), ms': token })
  }
  if (wants('1.1b')) {
    const layers = Number(optionOf(args, 'layers') ?? BILLION.layers)
    rows.push(...(await timed('1.1B', (format) => generated(plainSpec({ ...BILLION, layers }), format))))
  }
  return { rows }
}

/** Both formats take turns, so that noise of the machine hits both. */
async function timed(model: string, open: (format: string) => Promise<ImportedModel>): Promise<Row[]> {
  const forwards: Forward[] = []
  for (const format of FORMATS) {
    const imported = await open(format)
    const graph = {
      ...graphsOf(imported, { grouped: false }),
      info: forwardInfo(imported.manifest),
      leastRows: await formatNamed(format).leastRows?.(),
    }
    forwards.push(await openForward(graph, { threads: defaultThreads(), slots: CONTEXT }))
  }
  const times = FORMATS.map(() => ROWS.map((): number[] => []))
  const logits = new Float32Array(Math.max(...ROWS) * forwards[0].info.vocab)
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [r, rows] of ROWS.entries()) {
      for (const [f, forward] of forwards.entries()) {
        const ms = await timeMs(forward, rows, CONTEXT, logits)
        if (round > 0) times[f][r].push(ms)
      }
    }
  }
  for (const forward of forwards) await forward.dispose()
  return FORMATS.map((format, f) => ({
    model,
    format,
    ...Object.fromEntries(ROWS.map((rows, r) => [`t(${rows}), ms`, quantile(times[f][r], 0.25)])),
  }))
}

/** Milliseconds of a plain token at its best number of threads; null where it is not installed. */
async function peerTokenMs(): Promise<number | null> {
  let best: number | null = null
  for (const threads of new Set([1, defaultThreads()])) {
    const peer = await LlamaPeer.open(smollm2File, threads)
    if (!peer) return null
    const tokens = Array.from({ length: CONTEXT }, (_, i) => 100 + i)
    const asked = { tokens, maxTokens: PEER_TOKENS, temperature: 0, seed: 1, lookup: false }
    const answer = await peer.answer(asked)
    peer.close()
    const ms = (answer.ms - answer.firstMs) / Math.max(1, answer.tokens - 1)
    best = Math.min(best ?? Infinity, ms)
  }
  return best
}

/** A model of generated weights, made once in the cache folder. */
async function generated(spec: ModelSpec, format: string): Promise<ImportedModel> {
  const dir = join(cacheFolder(), 'bench', `generated-${spec.hidden}x${spec.layers.length}-${format}`)
  const ready = await reuse(dir)
  if (ready) return ready
  const checkpoint: Checkpoint = { ...randomModel(spec), name: 'generated' }
  const weigh = (file: WeightFile, integers: IntegerType | null): Promise<ModelWeights> =>
    writeNoise(file, spec, formatNamed(format), integers)
  return { dir, manifest: await importModel(checkpoint, { format, outDir: dir, weigh }) }
}

async function writeNoise(
  file: WeightFile,
  spec: ModelSpec,
  format: WeightFormat,
  integers: IntegerType | null,
): Promise<ModelWeights> {
  const { hidden, vocab } = spec
  const random = seeded(1)
  const noise = Float32Array.from({ length: 2 ** 20 }, () => random() + random() - 1)
  /** A spread that keeps activations about as large as 1. */
  const matrix = (outputs: number, inputs: number): Float32Array => {
    const spread = 2.4 / Math.sqrt(inputs)
    return Float32Array.from({ length: outputs * inputs }, (_, i) => spread * noise[(i * 7 + (i >> 20)) & 0xfffff])
  }
  const norm = await writeOnes(file, hidden)
  const reads = { reach: REACH }
  const ones = (): Float32Array => new Float32Array(hidden).fill(1)
  const layers: ModelWeights['layers'] = []
  for (const [i, layerSpec] of spec.layers.entries()) {
    const layer = {
      ...byRole(layerSpec, ({ inputs, outputs }) => matrix(outputs, inputs)),
      norms: { attention: ones(), mlp: ones() },
      biases: {},
      ...(format.linears.rounded ? {} : { vSteps: new Float32Array(kvWidth(layerSpec)).fill(REACH / 127) }),
    }
    const { written, region } = await file.region(() =>
      writeLayer(layerSpec, layer, {
        file,
        integers,
        format,
        prefix: `layer${i}.`,
        reads: { qkv: reads, o: reads, gateUp: reads },
        norm,
      }),
    )
    layers.push({ ...written, region })
  }
  const embedding = await writeTable(file, format.table, matrix(vocab, hidden), { vocab, hidden })
  const head = await format.linears.write({ file, integers, reads }, 'head', matrix(vocab, hidden), {
    inputs: hidden,
    outputs: vocab,
  })
  return { embedding, layers, finalNorm: norm, head, ...(await writeRotary(spec, file)), integers }
}
