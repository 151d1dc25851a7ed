/**
 * What a target leaves for a draft that reads several of its layers: their outputs [1, N, hidden] each, normed where
 * the draft asks for it, times a matrix each, and summed. That is one matrix over all of them side by side; apart, each
 * output is rounded by its own reach, and those of early layers are far smaller than those of late ones.
 */
import { asWeights, linear, type SharedByKind, type StoredLinear } from '../formats/linear.js'
import type { GraphBuilder, WeightRef } from '../onnx/graph-builder.js'
import type { Norm } from '../spec/model-spec.js'
import { split } from './branch.js'
import { rmsNorm, type Stream } from './norm.js'

export interface Projection {
  /** Layers whose outputs are read, in this order; -1: the embeddings. A layer may be read more than once. */
  taps: readonly number[]
  /** Numbers a row of the result. */
  width: number
  /** RMSNorm over all outputs side by side, or over each. Its weights are part of the matrices. */
  norm: (Norm & { over: 'all' | 'each' }) | null
}

/** A projection in the weight file. */
export interface StoredProjection extends Projection {
  /** [tap] each [hidden, width]. */
  linears: readonly StoredLinear[]
  /** float32 ones, as wide as what is normed; null without a norm. */
  ones: WeightRef | null
}

/** Collects the outputs that are read, as layers are written. */
export class Taps {
  readonly #values = new Map<number, string>()

  constructor(
    private readonly g: GraphBuilder,
    private readonly projection: StoredProjection | undefined,
  ) {}

  /** The stream after a layer (-1: before all), with nothing pending where it is read. */
  after(layer: number, stream: Stream): Stream {
    if (!this.projection?.taps.includes(layer)) return stream
    const sum = stream.branch === null ? stream.sum : this.g.op('Add', [stream.branch, stream.sum])
    this.#values.set(layer, sum)
    return { sum, branch: null }
  }

  /** Writes the output `hidden` where there is a projection. */
  project(shared: SharedByKind): void {
    const { g, projection } = this
    if (projection) project(g, projection, (layer) => this.#values.get(layer)!, shared)
  }
}

/** Writes the output `hidden` [1, N, width] from each layer's output. */
export function project(
  g: GraphBuilder,
  { taps, width, norm, linears, ones }: StoredProjection,
  outputOf: (layer: number) => string,
  shared: SharedByKind,
): void {
  const outputs = taps.map(outputOf)
  let normed = outputs
  if (norm?.over === 'each') normed = outputs.map((x) => rmsNorm(g, x, g.weight(ones!), norm))
  if (norm?.over === 'all') {
    const all = rmsNorm(g, g.op('Concat', outputs, { axis: -1 }), g.weight(ones!), norm)
    normed = split(
      g,
      all,
      linears.map(({ inputs }) => inputs),
    )
  }
  const products = linears.map((stored, i) => linear(g, normed[i], asWeights(g, stored), shared))
  g.op('Sum', products, {}, 'hidden')
  g.output('hidden', 'float32', [1, 'N', width])
}
