/** RMSNorm, on the residual stream and inside branches. */
import type { GraphBuilder } from '../onnx/graph-builder.js'
import type { Norm } from '../spec/model-spec.js'

/** The residual stream between layers: the sum so far and the last branch's output not yet added to it. */
export interface Stream {
  sum: string
  branch: string | null
}

/** x / rms(x) * weight over the last axis, called `output` where given. */
export function rmsNorm(g: GraphBuilder, x: string, weight: string, { epsilon }: Norm, output?: string): string {
  return g.op(
    'SimplifiedLayerNormalization',
    [x, weight],
    { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
    output,
  )
}

/** A norm as a layer has it, with its weight in the graph. */
export interface PlacedNorm {
  norm: Norm
  weight: string
}

/**
 * Adds what is pending to the stream and normalizes the sum; without a norm the branch reads the sum itself. Two
 * operators: the fused one (SkipSimplifiedLayerNormalization) takes twice as long on a CPU.
 */
export function addNorm(
  g: GraphBuilder,
  stream: Stream,
  placed: PlacedNorm | null,
  output?: string,
): { stream: Stream; normed: string } {
  const sum = stream.branch === null ? stream.sum : g.op('Add', [stream.branch, stream.sum])
  const normed = placed === null ? sum : rmsNorm(g, sum, placed.weight, placed.norm, output)
  return { stream: { sum, branch: null }, normed }
}
