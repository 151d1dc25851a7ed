/** Import of an EAGLE-3 head: its folder and its target's checkpoint in, a folder out that holds the head's graphs. */
import { remark } from '../common/progress.js'
import { scaleColumns, stackRows } from '../common/matrix.js'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { normalize } from '../import/calibration.js'
import { readLayer } from '../import/fold.js'
import { writeFiles } from '../import/import-files.js'
import { importFolder } from '../import/import-folder.js'
import { CONTRACT_VERSION } from '../import/manifest-file.js'
import { tableOf } from '../import/streamed-files.js'
import type { WeightFile } from '../import/weight-file.js'
import { writeLayer, writeOnes, writeRotary, writeTable } from '../import/write-parts.js'
import { ModelError } from '../spec/errors.js'
import type { ModelManifest } from '../spec/manifest.js'
import type { ModelSpec } from '../spec/model-spec.js'
import { tokenizerHash } from '../text/tokenizer.js'
import type { HeadImportOptions } from './draft-head.js'
import type { Eagle3File } from './eagle3-file.js'
import { fitWarning, measureFit } from './eagle3-fit.js'
import { eagle3Graph, type Eagle3Weights } from './eagle3-graph.js'
import { layersRead } from './eagle3-layers.js'
import { deviceGraphs } from './head-caches.js'
import { headTokens } from './eagle3-tokens.js'

/**
 * Writes the head's graphs, with the target's embeddings and head where it has none of its own, and measures how well
 * the layers it reads fit. Throws `ModelError` where it is another target's.
 */
export async function importEagle3(
  file: Eagle3File,
  target: Checkpoint,
  { format, integers, onDevice = false, outDir, onProgress }: HeadImportOptions,
): Promise<ModelManifest> {
  const { vocab, maxPositions, layers } = target.spec
  const spec = { ...file.spec, vocab, maxPositions }
  const read = layersRead(file.config.layerIds, layers.length)
  const tokens = await headTokens(file, vocab)
  requireWidths(file, target, tokens)
  onProgress(remark(`import ${file.name} for ${target.name}`, 'import'))
  const { normOutput } = file.config
  const device = onDevice ? deviceGraphs(format) : undefined
  return importFolder(outDir, async (dir) => {
    const written = await writeFiles(
      dir,
      (to) => writeWeights({ file, target, spec, tokens }, to, { format, integers, onDevice }),
      (weights) => {
        const graph = (grouped: boolean, embedded: boolean): Uint8Array =>
          eagle3Graph(spec, weights, { grouped, embedded, normOutput, device })
        return {
          graph: graph(true, false),
          single: graph(false, false),
          tokenizer: target.tokenizer,
          ...(device
            ? {}
            : {
                'embedded.graph': graph(true, true),
                'embedded.single': graph(false, true),
                'embedded.table': tableOf(weights.embedding),
              }),
        }
      },
    )
    const agreement = await measureFit(
      { file, spec, dir, graph: written.files.single, device, layers: read.layers },
      target,
    )
    for (const line of fitWarning(file, target, read, agreement)) onProgress(remark(line))
    return {
      version: CONTRACT_VERSION,
      name: file.name,
      format: format.name,
      integers,
      vType: device?.cache ?? 'float32',
      ...(device ? { device: { cache: device.cache } } : {}),
      spec,
      stopTokens: target.stopTokens,
      bosToken: target.bosToken,
      chatTemplate: null,
      tokenizerHash: tokenizerHash(target.tokenizer),
      license: file.license,
      source: { path: file.path, sha256: file.sha256 },
      ...written,
      hidden: 'projected',
      features: { read: spec.hidden, written: spec.hidden },
      reads: { ...read, agreement },
    }
  })
}

/** What it takes of its target must be as wide as it is itself. */
function requireWidths(file: Eagle3File, target: Checkpoint, tokens: Int32Array | null): void {
  const { hidden, vocab } = target.spec
  const refuse = (tensor: string, message: string): never => {
    throw new ModelError('model_invalid', file.path, `${file.path} ${message} (tensor ${tensor})`)
  }
  const borrowed = [
    ...(file.has('embed_tokens.weight') ? [] : ['embed_tokens.weight']),
    ...(file.headTokens === null ? ['lm_head.weight'] : []),
  ]
  for (const name of borrowed)
    if (file.spec.hidden !== hidden)
      refuse(name, `lacks what a head of width ${file.spec.hidden} cannot take from a target of width ${hidden}`)
  const rows = file.has('embed_tokens.weight') ? file.shape('embed_tokens.weight')[0] : vocab
  if (rows < vocab) refuse('embed_tokens.weight', `has embeddings of ${rows} tokens; ${target.name} has ${vocab}`)
  const marks = file.has('t2d') && tokens !== null ? file.shape('t2d')[0] : vocab
  if (marks < vocab) refuse('t2d', `is about ${marks} tokens; ${target.name} has ${vocab}`)
}

interface Sources {
  file: Eagle3File
  target: Checkpoint
  spec: ModelSpec
  tokens: Int32Array | null
}

async function writeWeights(
  { file, target, spec, tokens }: Sources,
  to: WeightFile,
  { format, integers, onDevice }: Pick<HeadImportOptions, 'format' | 'integers' | 'onDevice'>,
): Promise<Eagle3Weights> {
  const { hidden, vocab, finalNorm } = spec
  const own = (name: string): Promise<Float32Array> => file.read(name)
  const targetHead = target.spec.tied ? 'model.embed_tokens.weight' : 'lm_head.weight'
  const table = file.has('embed_tokens.weight')
    ? (await own('embed_tokens.weight')).subarray(0, vocab * hidden)
    : await target.read('model.embed_tokens.weight')
  const vector = (name: string, values: Float32Array) => to.add(name, 'float32', [hidden], values)
  const ones = await writeOnes(to, hidden)
  const embedding = await writeTable(to, format.table, normalize(table, hidden, finalNorm.epsilon), { vocab, hidden })
  const featureNorm = await own('layers.0.hidden_norm.weight')
  const inputNorms = stackRows(await own('layers.0.input_layernorm.weight'), featureNorm)
  const layers = []
  for (const [i, layerSpec] of spec.layers.entries()) {
    const layer = await readLayer({ spec, read: (name) => own(name.replace(/^model\./, '')) }, i, onDevice)
    if (i === 0) scaleColumns(layer.qkv, inputNorms)
    const prefix = i === 0 ? '' : `layer${i}.`
    layers.push(await writeLayer(layerSpec, layer, { file: to, integers, format, prefix, reads: {}, norm: null }))
  }
  const head = file.headTokens === null ? await target.read(targetHead) : await own('lm_head.weight')
  const shape = { inputs: hidden, outputs: file.headTokens ?? vocab }
  const ids = tokens && BigInt64Array.from(tokens, BigInt)
  return {
    embedding,
    layers,
    ones,
    residualNorm: file.config.normBeforeResidual ? await vector('residual_norm', featureNorm) : null,
    finalNorm: await vector('final_norm', await own('norm.weight')),
    head: await format.linears.write({ file: to, integers, reads: null }, 'head', head, shape),
    tokens: ids && (await to.add('tokens', 'int64', [1, ids.length], ids)),
    ...(await writeRotary(spec, to)),
  }
}
