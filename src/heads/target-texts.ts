/** Texts as a target sees them, in fp32 and layer by layer: outputs of some layers, and its likeliest tokens. */
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import { scaleColumns } from '../common/matrix.js'
import { embedded, normalize } from '../import/calibration.js'
import { calibrationTexts } from '../import/calibration-texts.js'
import { readLayer } from '../import/fold.js'
import { LayerRunner } from '../import/layer-runner.js'
import { Products } from '../import/product.js'

export interface TargetText {
  /** [N] */
  tokens: Int32Array
  /** By layer (-1: the embeddings) [N, hidden]. */
  outputs: Map<number, Float32Array>
  /** [N] the target's likeliest token after each. */
  likeliest: Int32Array
}

/** Rows of the head that are multiplied at a time. */
const HEAD_ROWS = 8192

/** The first tokens of the calibration texts, `most` in all, with outputs of the layers asked for. */
export async function targetTexts(
  target: Checkpoint,
  layers: ReadonlySet<number>,
  most: number,
): Promise<TargetText[]> {
  const table = await target.read('model.embed_tokens.weight')
  const texts: (TargetText & { stream: Float32Array })[] = []
  let left = most
  for (const all of calibrationTexts(target)) {
    const tokens = all.subarray(0, left)
    left -= tokens.length
    if (tokens.length < 2) continue
    const stream = embedded(tokens, table, target.spec)
    texts.push({ tokens, stream, outputs: new Map([[-1, stream]]), likeliest: new Int32Array(tokens.length) })
  }
  const runner = new LayerRunner(Math.max(...texts.map(({ tokens }) => tokens.length)))
  try {
    for (const [i, spec] of target.spec.layers.entries()) {
      const layer = await readLayer(target, i)
      for (const text of texts) {
        text.stream = (await runner.run(spec, layer, text.stream)).x
        if (layers.has(i)) text.outputs.set(i, text.stream)
      }
    }
  } finally {
    await runner.close()
  }
  await findLikeliest(target, texts)
  return texts
}

async function findLikeliest(
  target: Checkpoint,
  texts: readonly (TargetText & { stream: Float32Array })[],
): Promise<void> {
  const { hidden, vocab, tied, finalNorm } = target.spec
  const norm = await target.read('model.norm.weight')
  const head = await target.read(tied ? 'model.embed_tokens.weight' : 'lm_head.weight')
  const products = await Products.open()
  try {
    for (const { stream, likeliest: found } of texts) {
      const rows = normalize(stream, hidden, finalNorm.epsilon)
      scaleColumns(rows, norm)
      const best = new Float32Array(found.length).fill(-Infinity)
      for (let from = 0; from < vocab; from += HEAD_ROWS) {
        const count = Math.min(HEAD_ROWS, vocab - from)
        const scores = await products.of(rows, head.subarray(from * hidden, (from + count) * hidden), hidden)
        for (let row = 0; row < found.length; row++) {
          const token = likeliest(scores.subarray(row * count, (row + 1) * count))
          if (scores[row * count + token] <= best[row]) continue
          best[row] = scores[row * count + token]
          found[row] = from + token
        }
      }
    }
  } finally {
    await products.close()
  }
}

/** Place of the largest value, the first of equals. */
export function likeliest(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i
  return best
}
