/** What stands around the layers: the scale of embeddings, and the head from the last layer's rows to logits. */
import { asWeights, linear, type StoredLinear } from '../formats/linear.js'
import type { GraphBuilder, WeightRef } from '../onnx/graph-builder.js'
import type { ModelSpec } from '../spec/model-spec.js'
import { toFloat, toHalf } from './branch.js'
import { addNorm, rmsNorm, type Stream } from './norm.js'

/** Turns what the last norm leaves into features: x / rms(x) R. */
export interface FeatureWeights {
  /** [hidden], all ones: the norm without its weight. */
  ones: WeightRef
  /** R, [hidden, hidden]. */
  rotation: WeightRef
}

/** x times a factor, called `output` where given; 1 leaves x as it is. */
export function scaled(g: GraphBuilder, x: string, factor: number, output?: string): string {
  return factor === 1 ? x : g.op('Mul', [x, g.constant('float32', [factor], [])], {}, output)
}

/**
 * The last rows of the graph; rows are picked before the norm, so the head works for wanted rows alone. `half`: its
 * product is of float16.
 */
export function head(
  g: GraphBuilder,
  spec: ModelSpec,
  weights: { finalNorm: WeightRef; head: StoredLinear; features?: FeatureWeights },
  stream: Stream,
  logitRows: string,
  { hidden, half }: { hidden: boolean; half: boolean },
): void {
  const norm = { norm: spec.finalNorm, weight: g.weight(weights.finalNorm) }
  const pick = (x: string): string => g.op('Gather', [x, logitRows], { axis: 1 })
  let wanted: string
  if (hidden) {
    const { features } = weights
    const last = addNorm(g, stream, norm, features ? undefined : 'hidden')
    if (features) {
      const plain = rmsNorm(g, last.stream.sum, g.weight(features.ones), spec.finalNorm)
      g.op('MatMul', [plain, g.weight(features.rotation)], {}, 'hidden')
    }
    wanted = pick(last.normed)
    g.output('hidden', 'float32', [1, 'N', spec.hidden])
  } else {
    const picked = { sum: pick(stream.sum), branch: stream.branch === null ? null : pick(stream.branch) }
    wanted = addNorm(g, picked, norm).normed
  }
  logits(g, spec, g.op('Squeeze', [wanted, g.constant('int64', [0])]), weights.head, half)
  g.output('logits', 'float32', ['m', spec.vocab])
}

/** `logits` [m, vocab] of rows [m, hidden]: x W times the scale, then cap * tanh(logit / cap) where there is a cap. */
function logits(
  g: GraphBuilder,
  { logitScale, logitCap }: ModelSpec,
  rows: string,
  stored: StoredLinear,
  half: boolean,
): void {
  const called = logitScale === 1 && logitCap === null ? 'logits' : undefined
  const product = (x: string, output?: string): string => linear(g, x, asWeights(g, stored), undefined, output, half)
  const plain = half ? toFloat(g, product(toHalf(g, rows)), called) : product(rows, called)
  if (logitCap === null) scaled(g, plain, logitScale, 'logits')
  else scaled(g, g.op('Tanh', [scaled(g, plain, logitScale / logitCap)]), logitCap, 'logits')
}
