/**
 * How well an EAGLE-3 head and the layers it reads go together: on a text, how often its likeliest guess is the
 * target's likeliest token; and how often, were its layers counted one lower or higher. A wrong count leaves texts as
 * they are and guesses worthless.
 */
import { join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { scaleColumns } from '../common/matrix.js'
import { normalize } from '../import/calibration.js'
import { chainOf, emptyCache, ints } from '../import/layer-runner.js'
import { Products } from '../import/product.js'
import { loadOnnxRuntime } from '../runtime/onnxruntime.js'
import type { ReadLayers } from '../spec/manifest.js'
import type { ModelSpec } from '../spec/model-spec.js'
import type { Eagle3File } from './eagle3-file.js'
import type { DeviceGraphs } from './head-caches.js'
import { likeliest, targetTexts, type TargetText } from './target-texts.js'

const SHIFTS = [-1, 0, 1]
/** Tokens of text that are looked at. */
const TOKENS = 200
/** Another count of layers is told where it agrees so much more often: beyond what 200 tokens leave to chance. */
const CLEARLY = 0.1

interface ImportedHead {
  file: Eagle3File
  spec: ModelSpec
  /** The folder, and in it the graph for one sequence. */
  dir: string
  graph: string
  /** Where that is one for a device. */
  device?: DeviceGraphs
  /** As `layersRead` gives them. */
  layers: readonly number[]
}

/** One entry a shift. */
export async function measureFit(head: ImportedHead, target: Checkpoint): Promise<ReadLayers['agreement']> {
  const last = target.spec.layers.length - 1
  const shifted = SHIFTS.map((shift) => {
    const layers = head.layers.map((layer) => layer + shift)
    return { shift, layers: layers.every((layer) => layer >= -1 && layer <= last) ? layers : null }
  })
  const texts = await targetTexts(target, new Set(shifted.flatMap(({ layers }) => layers ?? [])), TOKENS)
  const ort = await loadOnnxRuntime()
  const session = await ort.InferenceSession.create(join(head.dir, head.graph))
  const products = await Products.open()
  try {
    const fc = await head.file.read('fc.weight')
    const norms = await featureNorms(head)
    const agreement: ReadLayers['agreement'] = []
    for (const { shift, layers } of shifted) {
      if (layers === null) {
        agreement.push({ shift, share: null })
        continue
      }
      let [agreed, seen] = [0, 0]
      for (const text of texts) {
        const read = featuresOf(text, layers, target.spec.hidden, head.file.featureNorm, norms)
        const guesses = await guessesOf(head, session, text, await products.of(read, fc, head.file.featureWidth))
        agreed += guesses.filter((token, row) => token === text.likeliest[row + 1]).length
        seen += guesses.length
      }
      agreement.push({ shift, share: seen === 0 ? null : agreed / seen })
    }
    return agreement
  } finally {
    await products.close()
    await session.release()
  }
}

/** Weights of the norm before `fc`, over all layers side by side. */
async function featureNorms({ file, layers }: ImportedHead): Promise<Float32Array | null> {
  if (file.featureNorm === null) return null
  if (file.featureNorm.over === 'all') return file.read('input_norm.weight')
  const all = new Float32Array(file.featureWidth)
  const width = file.featureWidth / layers.length
  for (const tap of layers.keys()) all.set(await file.read(`fc_norm.${tap}.weight`), tap * width)
  return all
}

/** What `fc` reads [N, layers * hidden]. */
function featuresOf(
  { outputs, tokens }: TargetText,
  layers: readonly number[],
  hidden: number,
  norm: Eagle3File['featureNorm'],
  weights: Float32Array | null,
): Float32Array {
  const width = layers.length * hidden
  const all = new Float32Array(tokens.length * width)
  layers.forEach((layer, tap) => {
    const output = outputs.get(layer)!
    for (let row = 0; row < tokens.length; row++)
      all.set(output.subarray(row * hidden, (row + 1) * hidden), row * width + tap * hidden)
  })
  if (norm === null) return all
  const normed = normalize(all, norm.over === 'all' ? width : hidden, norm.epsilon)
  scaleColumns(normed, weights!)
  return normed
}

/** Row i: the likeliest token after tokens 0 .. i + 1, guessed from the feature of token i. */
async function guessesOf(
  { spec: { hidden, vocab, layers }, device }: Pick<ImportedHead, 'spec' | 'device'>,
  session: InferenceSession,
  { tokens }: TargetText,
  features: Float32Array,
): Promise<number[]> {
  const ort = await loadOnnxRuntime()
  const n = tokens.length - 1
  const rows = Array.from({ length: n }, (_, row) => row)
  const { logits } = await session.run(
    {
      ...chainOf(ort, n, device !== undefined),
      ...Object.assign({}, ...layers.map((layer, i) => emptyCache(ort, n, layer, `.${i}`, device?.cache))),
      input_ids: ints(ort, [...tokens.subarray(1)], 1, n),
      features: new ort.Tensor('float32', features.subarray(0, n * hidden), [1, n, hidden]),
      logit_rows: ints(ort, rows, n),
    },
    ['logits'],
  )
  const values = logits.data as Float32Array
  return rows.map((row) => likeliest(values.subarray(row * vocab, (row + 1) * vocab)))
}

/** What to tell of it: how often it is right, and a warning where another count of layers is clearly better. */
export function fitWarning(
  { name, path, config }: Pick<Eagle3File, 'name' | 'path' | 'config'>,
  target: Pick<Checkpoint, 'name'>,
  { rule }: Pick<ReadLayers, 'rule'>,
  agreement: ReadLayers['agreement'],
): string[] {
  const share = (shift: number): number => agreement.find((entry) => entry.shift === shift)?.share ?? 0
  const percent = (value: number): string => `${Math.round(100 * value)} %`
  const right = percent(share(0))
  const found = `draft ${name}: its first guess is the likeliest token of ${target.name} at ${right} of a text`
  const better = [-1, 1].filter((shift) => share(shift) > share(0) + CLEARLY).sort((a, b) => share(b) - share(a))[0]
  if (better === undefined) return [found]
  const mended =
    config.layerIds.ids === null
      ? `state "eagle_aux_hidden_state_layer_ids" in ${path}/config.json`
      : `write "sequoia_layer_rule": "${rule === 'input' ? 'output' : 'input'}" into ${path}/config.json, or other ids`
  return [
    found,
    `warning: draft ${name} would guess right at ${percent(share(better))} if its layers were counted one ` +
      `${better < 0 ? 'lower' : 'higher'}: ${mended}; texts are the same in any case, guesses are better`,
  ]
}
